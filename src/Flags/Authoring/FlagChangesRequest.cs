namespace Teal.Flags;

/// <summary>What is asked of a server: all of these changes, in this order, or none.</summary>
/// <param name="DryRun">Say what would be different, and change nothing.</param>
public sealed record FlagChangesRequest(IReadOnlyList<FlagChange> Changes, bool DryRun = false, string? Reason = null);
