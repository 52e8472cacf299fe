namespace Shoppers;

/// <summary>How many come, and how busy they are. The rate is bounded: each waits <see cref="Think"/> after every answer.</summary>
public sealed record ShoppersOptions
{
    public required Uri Url { get; init; }

    /// <summary>Null: until cancelled.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Visitors who keep one connection and one cookie jar for their whole visit.</summary>
    public int Visitors { get; init; } = 24;

    /// <summary>Strangers, who open a connection for every request and keep no cookie.</summary>
    public int Strangers { get; init; } = 4;

    public int Uploaders { get; init; } = 1;
    public int Chatters { get; init; } = 1;
    public int Listeners { get; init; } = 1;

    /// <summary>Between an answer and the same client's next request.</summary>
    public TimeSpan Think { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a slow answer takes.</summary>
    public TimeSpan Slow { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A request without a whole answer by then has failed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    public int UploadBytes { get; init; } = 256 * 1024;

    /// <summary>Over which an upload trickles in.</summary>
    public TimeSpan UploadTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Who buys what, and the names of the orders.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Every order and its fate is appended here, a line each: <c>acknowledged ID</c>.</summary>
    public string? OrdersFile { get; init; }
}
