using Teal.Cli;
using Teal.Cli.Showing;

namespace Teal.Tests.Fast.Cli;

/// <summary>One call of the command line, with everything around it made up.</summary>
internal sealed class CliRun
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public Dictionary<string, string> Variables { get; } = [];

    public int Exit { get; private set; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public Seams Seams { get; init; } = Seams.Built() with { RunServer = (_, _, _) => Task.CompletedTask };

    public Surroundings Around =>
        new(Variables.GetValueOrDefault, "/nowhere", _output, _error, null, new ScreenKind(false, false, 0), TimeProvider.System, Seams);

    public static async Task<CliRun> OfAsync(params string[] arguments) => await new CliRun().RunAsync(arguments);

    public async Task<CliRun> RunAsync(params string[] arguments)
    {
        Exit = await new TealCommand(Around).RunAsync(arguments, CancellationToken.None);
        return this;
    }
}
