namespace Teal.Client;

/// <summary>What flags are evaluated by.</summary>
public enum TealClientState
{
    /// <summary>By nothing yet: every flag is the code's own default.</summary>
    Starting,

    /// <summary>By what was kept on disk; the server was not reached since the start.</summary>
    FromDisk,

    /// <summary>By the server's newest.</summary>
    Live,

    /// <summary>By the last good flags, which may not be the server's newest.</summary>
    Stale,

    /// <summary>By a document that was given; there is no server.</summary>
    Fixed,

    /// <summary>Disposed: by the last good flags, for ever.</summary>
    Stopped,
}

/// <summary>How the client is, at one moment.</summary>
/// <param name="Environment">Of the flags in force; null while there are none.</param>
/// <param name="Revision">Of the flags in force; 0 while there are none.</param>
/// <param name="Flags">How many there are.</param>
/// <param name="StaleSince">Since when the server's newest is not known; null while it is.</param>
/// <param name="LastError">The newest thing that went wrong, with its code, kept when it is over; null when nothing ever did.</param>
/// <param name="LastErrorAt">When it did.</param>
/// <param name="Reports">What became of exposures and outcomes.</param>
public sealed record TealClientStatus(
    TealClientState State,
    string? Environment,
    long Revision,
    int Flags,
    DateTimeOffset? StaleSince,
    string? LastError,
    DateTimeOffset? LastErrorAt,
    TealClientReports Reports
);

/// <param name="Waiting">To be sent.</param>
/// <param name="Sent">Taken by the server.</param>
/// <param name="Dropped">There was no room for them.</param>
/// <param name="Refused">The server would not have them.</param>
public sealed record TealClientReports(int Waiting, long Sent, long Dropped, long Refused);

/// <summary>Other flags are in force than before.</summary>
public sealed class TealFlagsChangedEventArgs(string environment, long revision) : EventArgs
{
    public string Environment => environment;

    public long Revision => revision;
}
