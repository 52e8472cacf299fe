namespace Teal.Wire;

/// <summary>How a command ended: one list for text, JSON and the process's exit code.</summary>
public enum ExitCode
{
    Done = 0,
    InternalError = 1,

    /// <summary>Usage or configuration is wrong; nothing was sent.</summary>
    Usage = 2,

    /// <summary>Changes are present (<c>--exit-on-change</c> only).</summary>
    Changes = 3,
    NotAllowed = 4,

    /// <summary>Another release holds the service, or the plan is stale.</summary>
    Conflict = 5,

    /// <summary>The new version never became healthy; users saw nothing.</summary>
    NotSwitched = 6,

    /// <summary>Traffic had moved and came back by itself.</summary>
    RolledBack = 7,

    /// <summary>An automatic step was refused.</summary>
    NeedsPerson = 8,

    /// <summary>The wait timed out; the release goes on.</summary>
    TimedOut = 9,

    /// <summary>Interrupted; the release goes on.</summary>
    Interrupted = 130,
}
