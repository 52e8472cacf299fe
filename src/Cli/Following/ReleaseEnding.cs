using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>What the end of a release means for the command that waited for it.</summary>
public static class ReleaseEnding
{
    /// <summary>For whoever wanted the new version to stay: deploy, promote, watch.</summary>
    public static ExitCode ExitOf(string outcome, bool trafficMoved) =>
        (outcome, trafficMoved) switch
        {
            ("done", _) => ExitCode.Done,
            ("not_switched", _) => ExitCode.NotSwitched,
            ("aborted", false) => ExitCode.NotSwitched,
            ("aborted", true) => ExitCode.RolledBack,
            ("rolled_back", _) => ExitCode.RolledBack,
            ("superseded", _) => ExitCode.Conflict,
            ("running", _) => ExitCode.TimedOut,
            _ => ExitCode.InternalError,
        };

    /// <summary>For whoever asked to go back: rollback, abort. The old version having the traffic is what they wanted.</summary>
    public static ExitCode ExitOfGoingBack(string outcome) =>
        outcome switch
        {
            "done" or "rolled_back" or "aborted" or "not_switched" => ExitCode.Done,
            "superseded" => ExitCode.Conflict,
            "running" => ExitCode.TimedOut,
            _ => ExitCode.InternalError,
        };

    /// <summary>Requests of which a user saw a failure that the release or Teal is to blame for.</summary>
    public static long FailedRequests(ReceiptView receipt) =>
        receipt.Failed.Values.Sum() + receipt.Shed.Values.Sum() + receipt.CutCount + receipt.Dropped;
}
