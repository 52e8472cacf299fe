using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Teal.Flags;

namespace Teal.Client;

/// <summary>
/// Teal's flags in this process: evaluated here, by rules that the server streams. Evaluating asks nobody, waits for nobody and never
/// throws; without flags it gives the code's own default. One for the application, used from any thread.
/// </summary>
public sealed class TealClient : IAsyncDisposable
{
    private readonly FlagsInUse _flags;
    private readonly EvaluationContext _nobody;
    private readonly TimeProvider _time;
    private readonly Connected? _connected;

    /// <summary>Connects to nothing before <see cref="Start"/>.</summary>
    /// <exception cref="ArgumentException">TEAL9450: an option cannot be.</exception>
    public TealClient(TealClientOptions options, ILogger<TealClient>? logger = null)
    {
        options.Check();
        (_nobody, _time) = (options.DefaultContext, options.Time);
        var log = (ILogger?)logger ?? NullLogger.Instance;
        _flags = new FlagsInUse(options.Time, log);
        _connected = new Connected(options, _flags, served => Tell(served, log));
    }

    private TealClient(ServedFlags served, EvaluationContext? defaultContext, TimeProvider time)
    {
        (_nobody, _time) = (defaultContext ?? EvaluationContext.Empty, time);
        _flags = new FlagsInUse(time, NullLogger.Instance);
        _flags.Fix(served);
    }

    /// <summary>Other flags are in force. Raised beside the stream, one at a time; changes that come meanwhile are told as one.</summary>
    public event EventHandler<TealFlagsChangedEventArgs>? Changed;

    public TealClientStatus Status
    {
        get
        {
            var now = _flags.Now;
            return new TealClientStatus(
                now.State,
                now.Served?.Environment,
                now.Served?.Revision ?? 0,
                now.Served?.Document.Flags.Count ?? 0,
                now.StaleSince,
                now.LastError,
                now.LastErrorAt,
                _connected?.Reports ?? new TealClientReports(0, 0, 0, 0)
            );
        }
    }

    /// <summary>What is evaluated by now: for who wants the same for longer than one evaluation.</summary>
    internal ServedFlags? Served => _flags.Now.Served;

    internal TimeProvider Time => _time;

    /// <summary>Flags without a server, for tests: a flagd document, <c>{"flags": {…}}</c>.</summary>
    /// <exception cref="ArgumentException">TEAL9453: the document cannot be read; the message says where and why.</exception>
    public static TealClient FromDocument(string json, EvaluationContext? defaultContext = null, TimeProvider? time = null) =>
        new(Read(json, 1), defaultContext, time ?? TimeProvider.System);

    /// <summary>Other flags from now on, for a client that was made by <see cref="FromDocument"/>.</summary>
    /// <exception cref="ArgumentException">TEAL9453: the document cannot be read, and the one before stays in force.</exception>
    /// <exception cref="InvalidOperationException">The client has its flags from a server.</exception>
    public void SetDocument(string json)
    {
        if (_connected is not null)
        {
            throw new InvalidOperationException("This client has its flags from a server.");
        }
        var served = Read(json, Status.Revision + 1);
        _flags.Fix(served);
        Tell(served, NullLogger.Instance);
    }

    /// <summary>Begins to follow the server, in the background. Once; again changes nothing.</summary>
    public void Start() => _connected?.Start();

    /// <summary>
    /// Ends when there are flags to evaluate by: the server's newest or, when it does not answer, those from disk. Give it a limit: without
    /// a server and a file it does not end.
    /// </summary>
    public Task WaitUntilReadyAsync(CancellationToken ct = default) => _flags.Ready.WaitAsync(ct);

    public bool GetBoolean(string key, bool fallback, EvaluationContext? context = null) => GetBooleanDetails(key, fallback, context).Value;

    public string GetString(string key, string fallback, EvaluationContext? context = null) =>
        GetStringDetails(key, fallback, context).Value;

    public int GetInteger(string key, int fallback, EvaluationContext? context = null) => GetIntegerDetails(key, fallback, context).Value;

    public double GetDouble(string key, double fallback, EvaluationContext? context = null) =>
        GetDoubleDetails(key, fallback, context).Value;

    /// <summary>A flag whose variants are JSON objects.</summary>
    public JsonElement GetJson(string key, JsonElement fallback, EvaluationContext? context = null) =>
        GetJsonDetails(key, fallback, context).Value;

    public FlagDetails<bool> GetBooleanDetails(string key, bool fallback, EvaluationContext? context = null) =>
        Told(key, context, FlagReader.Boolean(Find(key, ExpectedType.Boolean, context), fallback));

    public FlagDetails<string> GetStringDetails(string key, string fallback, EvaluationContext? context = null) =>
        Told(key, context, FlagReader.Text(Find(key, ExpectedType.String, context), fallback));

    /// <summary>A number that is no whole one, or that an int cannot hold, is a <c>TYPE_MISMATCH</c>.</summary>
    public FlagDetails<int> GetIntegerDetails(string key, int fallback, EvaluationContext? context = null) =>
        Told(key, context, FlagReader.Integer(Find(key, ExpectedType.Integer, context), fallback));

    public FlagDetails<double> GetDoubleDetails(string key, double fallback, EvaluationContext? context = null) =>
        Told(key, context, FlagReader.Number(Find(key, ExpectedType.Double, context), fallback));

    public FlagDetails<JsonElement> GetJsonDetails(string key, JsonElement fallback, EvaluationContext? context = null) =>
        Told(key, context, FlagReader.Json(Find(key, ExpectedType.Object, context), fallback));

    /// <summary>How something ended that a user did. Never waits: what finds no room is counted in <see cref="Status"/>.</summary>
    public void Report(Outcome outcome) => _connected?.Report(outcome);

    /// <summary>Ends the stream, and sends what still waits, for at most some seconds. Flags go on as they are.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connected is not null)
        {
            await _connected.DisposeAsync();
            _flags.Stop();
        }
    }

    /// <summary>Somebody was given a variant, to be told.</summary>
    internal FlagDetails<T> Told<T>(string key, EvaluationContext? context, in FlagDetails<T> details)
    {
        if (_connected is { } told && details.Variant is { } variant && (context ?? _nobody).TargetingKey is { } targetingKey)
        {
            told.Expose(targetingKey, key, variant, Served!);
        }
        return details;
    }

    /// <summary>By these flags, at this moment.</summary>
    internal FlagDetails<FlagValue> Find(
        ServedFlags? served,
        DateTimeOffset now,
        string key,
        ExpectedType expected,
        EvaluationContext? context
    ) => FlagReader.Evaluate(served, key, expected, context ?? _nobody, now);

    private FlagDetails<FlagValue> Find(string key, ExpectedType expected, EvaluationContext? context) =>
        Find(Served, _time.GetUtcNow(), key, expected, context);

    private static ServedFlags Read(string json, long revision)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        return FlagDocument.TryRead(utf8, DocumentLimits.Usual, out var document, out var fault)
            ? new ServedFlags("document", revision, document, ServedFlags.TagOf(utf8))
            : throw new ArgumentException($"TEAL9453: the document is refused: {fault}", nameof(json));
    }

    private void Tell(ServedFlags served, ILogger logger)
    {
        try
        {
            Changed?.Invoke(this, new TealFlagsChangedEventArgs(served.Environment, served.Revision));
        }
        catch (Exception e)
        {
            logger.LogError(e, "TEAL9459: a handler of {Event} failed.", nameof(Changed));
        }
    }
}
