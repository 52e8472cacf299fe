namespace Teal.Server.Versions;

/// <summary>A version that cannot be taken, found or removed, with what to do about it.</summary>
/// <param name="code">Stable, <c>TEAL1401</c>.</param>
/// <param name="isConflict">The name is taken by other content: exit 5, 409. Otherwise what was sent is wrong: exit 2, 400.</param>
public sealed class VersionStoreException(string code, string message, bool isConflict = false, Exception? inner = null)
    : Exception(message, inner)
{
    public string Code { get; } = code;

    public bool IsConflict { get; } = isConflict;
}
