namespace Teal.Client;

/// <summary>Everything that is known at one moment, behind one field: what is evaluated by, and how good that is.</summary>
internal sealed record Standing(TealClientState State, ServedFlags? Served, DateTimeOffset? StaleSince)
{
    public string? LastError { get; init; }

    public DateTimeOffset? LastErrorAt { get; init; }

    public static Standing AtStart(DateTimeOffset now) => new(TealClientState.Starting, null, now);

    /// <summary>From disk, while the server has not said anything.</summary>
    public Standing WithKept(ServedFlags kept) => this with { State = TealClientState.FromDisk, Served = kept };

    /// <summary>The server's newest is in force. The same content as before keeps the document that is in force already.</summary>
    public Standing WithNewest(ServedFlags newest) =>
        this with
        {
            State = TealClientState.Live,
            Served =
                Served is { } held && IsSame(held, newest)
                    ? held with
                    {
                        Revision = newest.Revision,
                        Connection = newest.Connection,
                    }
                    : newest,
            StaleSince = null,
        };

    /// <summary>The server's newest is not known any more, or was refused: the last good one stays in force.</summary>
    public Standing Stale(DateTimeOffset now) =>
        State == TealClientState.Live ? this with { State = TealClientState.Stale, StaleSince = now } : this;

    public Standing WithError(string what, DateTimeOffset now) => this with { LastError = what, LastErrorAt = now };

    public static bool IsSame(ServedFlags one, ServedFlags other) => one.Tag == other.Tag && one.Environment == other.Environment;
}
