using Teal.Cli.Asking;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary>The words that are said to a running release.</summary>
internal static class ReleaseCommand
{
    /// <param name="word">promote · pause · resume · abort · rollback</param>
    public static Task<StatusView> SendAsync(Desk desk, string service, string word, CommandRequest command, CancellationToken stop) =>
        desk.Api.SendAsync(
            HttpMethod.Post,
            $"api/v1/services/{Api.Segment(service)}/{word}",
            command,
            WireJson.Default.CommandRequest,
            WireJson.Default.StatusView,
            stop
        );
}
