using System.Collections.Concurrent;

namespace Teal.Traffic;

/// <summary>Why Teal itself ends a request.</summary>
internal enum PassageStop
{
    None,

    /// <summary>Its version was drained and the deadline came.</summary>
    Cut,

    /// <summary>No head of an answer in time.</summary>
    AnswerTooLate,

    /// <summary>The body did not end in time.</summary>
    UploadTooLong,
}

/// <summary>A connection that lives longer than an answer and can be asked to end at a good place.</summary>
internal interface IGentleEnd
{
    /// <summary>Asks once or often; has no effect on one that ended.</summary>
    void End();

    /// <summary>It was asked: however it ends now, it is no fault of its version.</summary>
    bool IsEnding { get; }
}

/// <summary>
/// One request on its way. Pooled: from accept to leave it belongs to its request and its stripe's list. One that was stopped from outside
/// is not used again, so that the stop can never meet a later request.
/// </summary>
internal sealed class Passage
{
    private long _headAt;
    private long _progressAt;
    private bool _isWaitingForClient;
    private bool _isForwarding;
    private VariantTally[] _variants = [];
    private int _variantCount;

    public LedgerStripe Stripe { get; private set; } = null!;
    public string Method { get; private set; } = "";
    public string Path { get; private set; } = "";
    public long StartedAt { get; private set; }

    /// <summary>Cancelled when Teal stops the request.</summary>
    public CancellationTokenSource Stopping { get; } = new();

    /// <summary>Set under the stripe's lock.</summary>
    public PassageStop Stop { get; set; }

    /// <summary>Who cut it and wants its name; set under the stripe's lock.</summary>
    public ConcurrentQueue<CutRequest>? CutInto { get; set; }

    /// <summary>Where it is inside; set and cleared under the stripe's lock.</summary>
    public InstanceClaims? Claims { get; set; }

    public VersionTally? Tally { get; set; }

    /// <summary>Not null for a WebSocket or an event stream.</summary>
    public IGentleEnd? LongLived { get; set; }

    /// <summary>What the forwarder keeps with the passage, made once and used again.</summary>
    public object? ForwarderState { get; set; }

    /// <summary>When the answer's head came; 0 before.</summary>
    public long HeadAt
    {
        get => Volatile.Read(ref _headAt);
        set => Volatile.Write(ref _headAt, value);
    }

    /// <summary>When the application was last given something: the request's start, or a part of its body.</summary>
    public long ProgressAt
    {
        get => Volatile.Read(ref _progressAt);
        set => Volatile.Write(ref _progressAt, value);
    }

    /// <summary>True from the first byte of the body that was asked for: the request cannot be sent a second time.</summary>
    public bool IsBodyTouched { get; set; }

    /// <summary>True while a part of the body was asked of the client and has not come: the application is not late then.</summary>
    public bool IsWaitingForClient
    {
        get => Volatile.Read(ref _isWaitingForClient);
        set => Volatile.Write(ref _isWaitingForClient, value);
    }

    /// <summary>True while it is forwarded: before, it may wait in a hold.</summary>
    public bool IsForwarding
    {
        get => Volatile.Read(ref _isForwarding);
        set => Volatile.Write(ref _isForwarding, value);
    }

    public TimeSpan AnswerLimit { get; set; }

    /// <summary>A Set-Cookie value for the answer: the cohort that was just given to a client without one.</summary>
    public string? NewCookie { get; set; }

    /// <summary>The identity in <see cref="NewCookie"/>: one for the whole request.</summary>
    public string? NewIdentity { get; set; }

    /// <summary>The header by which the instance is told the variants; null: none.</summary>
    public string? Flags { get; set; }

    /// <summary>What proves that Teal wrote <see cref="Flags"/>; null: nothing does.</summary>
    public string? FlagsSignature { get; set; }

    /// <summary>On whose accounts the answer goes, besides its version's.</summary>
    public ReadOnlySpan<VariantTally> Variants => _variants.AsSpan(0, _variantCount);

    /// <summary>Room that is kept from request to request.</summary>
    public Span<VariantTally> VariantRoom(int count)
    {
        if (_variants.Length < count)
        {
            _variants = new VariantTally[count];
        }
        return _variants;
    }

    /// <param name="count">Of those in the room.</param>
    public void CountFor(int count) => _variantCount = count;

    public Passage? Next { get; set; }
    public Passage? Previous { get; set; }

    public void Begin(LedgerStripe stripe, string method, string path, long now)
    {
        Stripe = stripe;
        Method = method;
        Path = path;
        StartedAt = now;
        HeadAt = 0;
        ProgressAt = now;
        Stop = PassageStop.None;
        CutInto = null;
        Claims = null;
        Tally = null;
        LongLived = null;
        NewCookie = null;
        NewIdentity = null;
        Flags = null;
        FlagsSignature = null;
        _variantCount = 0;
        IsBodyTouched = false;
        IsWaitingForClient = false;
        IsForwarding = false;
    }
}
