namespace Teal.Tests.App;

/// <summary>How the app misbehaves: <c>name</c> or <c>name=value</c>, as arguments or in APP_MODES, separated by spaces.</summary>
internal sealed class Modes
{
    private readonly Dictionary<string, string> _modes = new(StringComparer.Ordinal);

    public Modes(IEnumerable<string> arguments)
    {
        var fromEnvironment = (Environment.GetEnvironmentVariable("APP_MODES") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var argument in arguments.Concat(fromEnvironment))
        {
            var parts = argument.Split('=', 2);
            _modes[parts[0]] = parts.Length == 2 ? parts[1] : "";
        }
    }

    public bool Has(string name) => _modes.ContainsKey(name);

    public string? Text(string name) => _modes.GetValueOrDefault(name);

    public int? Number(string name) => _modes.TryGetValue(name, out var text) ? int.Parse(text) : null;

    public TimeSpan? Seconds(string name) => _modes.TryGetValue(name, out var text) ? TimeSpan.FromSeconds(double.Parse(text)) : null;
}
