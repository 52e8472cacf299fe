namespace Teal.Server;

/// <param name="Home">The state folder, <c>$TEAL_HOME</c>.</param>
/// <param name="Listen">Where users' requests come in: <c>http://0.0.0.0:8080</c>, <c>h2c://127.0.0.1:8081</c>.</param>
/// <param name="Admin">A TCP address for the admin API besides the unix socket, loopback only, always with a token.</param>
/// <param name="EndInstances">Stop the services' instances with the server instead of leaving them to the next one.</param>
/// <param name="Flags">Ports of their own for flags; null: on the admin surface only.</param>
/// <param name="FlagFiles">Files that flags come from; null: they are kept by hand.</param>
public sealed record ServerOptions(
    string Home,
    IReadOnlyList<string> Listen,
    string? Admin = null,
    bool EndInstances = false,
    Flags.FlagPortOptions? Flags = null,
    Flags.Files.FlagFileOptions? FlagFiles = null
);
