using System.Reflection;
using Teal.Server.Driving;
using Teal.Wire;

namespace Teal.Server.Views;

/// <summary>What <c>teal doctor</c> wants to know of the server.</summary>
public sealed class ServerFacts(ServerOptions options, StateFolder folder, ReleaseDriver driver, TimeProvider time)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    public static string Release { get; } =
        typeof(ServerFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>The addresses that were bound, ports known. Set once, when the edge listens.</summary>
    public IReadOnlyList<string> Listening { get; set; } = [];

    public ServerView View() =>
        new(
            StatusViews.FormatVersion,
            Release,
            Environment.ProcessId,
            folder.Root,
            Listening,
            options.Admin,
            _startedAt,
            driver.State.Sequence,
            File.Exists(folder.Journal) ? new FileInfo(folder.Journal).Length : 0,
            Environment.WorkingSet
        );
}
