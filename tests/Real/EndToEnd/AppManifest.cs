using System.Text.Json;
using Teal.Tests.Real.Processes;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>
/// The manifest of the misbehaving app: its paces are quick, its deadlines patient, so that a starved app is late and nothing else. A
/// test that is about a deadline sets its own.
/// </summary>
internal sealed record AppManifest(params string[] Modes)
{
    public string Service { get; init; } = "app";
    public int Instances { get; init; } = 1;
    public string Routes { get; init; } = "[ { host: '*' } ]";
    public string Env { get; init; } = "{}";
    public string Protocol { get; init; } = "http1";
    public string Health { get; init; } = "{ path: /healthz, every: 100ms, timeout: 20s, rise: 1, fall: 2, give_up_after: 90s }";
    public string Steps { get; init; } = "[ { share: 50%, hold: 300ms }, { share: 100% } ]";
    public string Guard { get; init; } = "[]";
    public string KeepPrevious { get; init; } = "10m";
    public string Drain { get; init; } = "30s";
    public string Limits { get; init; } = "{}";
    public string Notify { get; init; } = "[]";

    /// <summary>Further keys of the file, a line each.</summary>
    public string[] More { get; init; } = [];

    /// <summary>Further keys of the release section, a line each.</summary>
    public string[] Release { get; init; } = [];

    /// <summary>Instead of the app.</summary>
    public string[]? Command { get; init; }

    /// <summary>A stage of half the traffic that lasts until somebody does something.</summary>
    public AppManifest Lasting => this with { Steps = "[ { share: 50%, hold: 1h }, { share: 100% } ]" };

    // A list of JSON strings is a YAML list.
    public override string ToString() =>
        $"""
            service: {Service}
            run:
              command: {JsonSerializer.Serialize<string[]>(Command ?? ["dotnet", TestApp.Dll, .. Modes])}
              protocol: {Protocol}
              instances: {Instances}
              stop_timeout: 30s
              env: {Env}
            routes: {Routes}
            health: {Health}
            release:
              steps: {Steps}
              guard: {Guard}
              drain: {Drain}
              drain_connections: 500ms
              keep_previous: {KeepPrevious}
            {string.Join('\n', Release.Select(line => "  " + line))}
            limits: {Limits}
            notify: {Notify}
            {string.Join('\n', More)}
            """;
}
