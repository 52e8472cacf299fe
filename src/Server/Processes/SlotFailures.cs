using System.Globalization;
using Teal.Releases;

namespace Teal.Server.Processes;

/// <summary>Says why a slot did not come up, or went down, with the last answer and the last lines of the instance concerned.</summary>
internal sealed class SlotFailures(SlotOrder order, LogReader logs)
{
    private const int Lines = 20;
    private const int LineChars = 500;
    private const int ResponseChars = 2000;

    public Failure ExitedTooOften(Seat seat) =>
        WithEvidence(
            new Failure(
                "TEAL5003",
                NeverHealthy,
                $"instance {seat.Index} {seat.LastExit} before the version was healthy, {seat.ExitsInStart} times in a row"
            ),
            seat
        );

    public Failure NotHealthyInTime(Seat seat, int healthy, int instances)
    {
        var seconds = order.Manifest.Health.GiveUpAfter.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        var some = healthy == 0 ? "" : $"; {healthy} of {instances} instances were";
        var neverListened = seat.Running is not null && seat.LastProbe is null or { Listens: false };
        return WithEvidence(
            neverListened
                ? new Failure("TEAL5004", NeverHealthy, $"nothing listened on its port (PORT) within {seconds} s{some}")
                : new Failure(
                    "TEAL5005",
                    NeverHealthy,
                    $"{order.Manifest.Health.Path} did not stay good within {seconds} s{some}{Exit(seat)}"
                ),
            seat
        );
    }

    public Failure WentDown(Seat seat) =>
        WithEvidence(
            new Failure(
                "TEAL5011",
                $"{order.Words} has no healthy instance any more",
                seat.Running is null
                    ? $"instance {seat.Index} {seat.LastExit ?? "was not running"}"
                    : $"{order.Manifest.Health.Fall} health probes in a row failed: {seat.LastProbe?.Words ?? "no answer yet"}"
            ),
            seat
        );

    public Failure SmokeNotStarted(Failure failure) => failure with { What = $"{order.Words} failed its smoke test" };

    public Failure SmokeFailed(string why, string id) =>
        new("TEAL5008", $"{order.Words} failed its smoke test", why) { LogLines = LinesOf(id) };

    public Failure SmokeTimedOut(string id) =>
        new(
            "TEAL5009",
            $"{order.Words} failed its smoke test",
            $"it did not end within {order.Manifest.Release.SmokeTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s (release.smoke_timeout)"
        )
        {
            LogLines = LinesOf(id),
        };

    public Failure WarmUpFailed(string path, string id, ProbeResult answer) =>
        new("TEAL5010", $"{order.Words} failed its warm-up", $"GET {path} on a new instance: {answer.Words}")
        {
            LastResponse = Masked(answer.Response, ResponseChars),
            LogLines = LinesOf(id),
        };

    private string NeverHealthy => $"{order.Words} never became healthy";

    private static string Exit(Seat seat) => seat.LastExit is null ? "" : $"; instance {seat.Index} {seat.LastExit}";

    private Failure WithEvidence(Failure failure, Seat seat) =>
        failure with
        {
            LastResponse = seat.LastProbe is { } probe ? Masked(probe.Response, ResponseChars) : null,
            LogLines = seat.Latest is { } latest ? LinesOf(latest.Record.Id) : [],
        };

    private string[] LinesOf(string id) =>
        [.. logs.LastOf(order.Service, order.Slot, id, Lines).Select(line => Masked(line.Text, LineChars))];

    /// <summary>Masked before it is cut: half a secret is one too.</summary>
    private string Masked(string text, int chars)
    {
        var masked = InstanceEnvironment.Masked(text, order, InstanceLauncher.Sources);
        return masked.Length <= chars ? masked : masked[..chars] + "…";
    }
}
