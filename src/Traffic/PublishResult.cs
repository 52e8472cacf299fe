namespace Teal.Traffic;

/// <summary>What became of a publish. Unless it is <see cref="Published"/>, nothing changed.</summary>
public abstract record PublishResult
{
    /// <param name="Table">The version of the table in force.</param>
    public sealed record Published(long Table) : PublishResult;

    /// <summary>Another service already has this route.</summary>
    public sealed record HostTaken(string Host, string Path, string ByService) : PublishResult;

    /// <param name="Code">TEAL4040 to TEAL4043.</param>
    public sealed record Refused(string Code, string Why) : PublishResult;
}
