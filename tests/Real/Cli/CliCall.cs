using System.Text;
using Teal.Cli;
using Teal.Cli.Showing;
using Teal.Releases;

namespace Teal.Tests.Real.Cli;

/// <summary>A folder with a manifest, a canned server beside it, and the command line called in between.</summary>
internal sealed class CliCall : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("teal-cli-");

    public CliCall()
    {
        Directory.CreateDirectory(Path.Combine(Folder, ".teal"));
        File.WriteAllText(Path.Combine(Folder, "teal.yaml"), "service: shop\n");
        File.WriteAllText(Path.Combine(Folder, "server"), "#!/bin/sh\n");
    }

    public string Folder => _folder.FullName;
    public string State => Path.Combine(Folder, ".teal");
    public string Output => _output.ToString();
    public string Error => _error.ToString();
    public int Exit { get; private set; }
    public IReadOnlyList<string> ManifestErrors { get; init; } = [];
    public IReadOnlyList<string> Command { get; init; } = ["./server"];

    public async Task<CliCall> RunAsync(string line, CancellationToken stop = default)
    {
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        Exit = await new TealCommand(Around()).RunAsync(line.Split(' '), stop);
        return this;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Surroundings Around() =>
        new(_ => null, Folder, _output, _error, null, new ScreenKind(false, false, 0), TimeProvider.System, Seams());

    private Seams Seams() =>
        Teal.Cli.Seams.Built() with
        {
            ReadManifest = (_, _, _) =>
                new ManifestReading(
                    ManifestErrors.Count > 0
                        ? null
                        : new Manifest
                        {
                            Service = "shop",
                            Run = new RunSection { Command = Command },
                        },
                    ManifestErrors
                ),
            Fingerprint = _ => "0123456789abcdef0123456789abcdef",
            WriteTar = (_, stream, stop) => stream.WriteAsync(Encoding.ASCII.GetBytes(new string('t', 10_240)), stop).AsTask(),
        };
}
