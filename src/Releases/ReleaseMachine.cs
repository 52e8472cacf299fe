namespace Teal.Releases;

/// <summary>Why a command was not taken. Nothing changed.</summary>
/// <param name="Kind">Decides the exit code.</param>
public sealed record Refusal(string Code, string What, string Why, RefusalKind Kind);

public enum RefusalKind
{
    /// <summary>Another release holds the service, or the command does not fit the state.</summary>
    Conflict,

    /// <summary>The guard does not allow it: a person has to overrule.</summary>
    NeedsPerson,
}

/// <param name="Effects">The effects that are new; all unfinished ones are in <see cref="ServiceState.Outstanding"/>.</param>
public sealed record Decision(ServiceState State, IReadOnlyList<OutstandingEffect> Effects, Refusal? Refusal = null);

/// <summary>Decides how a release goes on. Pure: the world comes in as events and goes out as effects.</summary>
public static class ReleaseMachine
{
    public static Decision Decide(ServiceState state, ReleaseEvent happened) => throw new NotSupportedException();
}
