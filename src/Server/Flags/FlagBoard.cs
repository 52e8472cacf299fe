using System.Collections.Frozen;
using Teal.Flags;

namespace Teal.Server.Flags;

/// <summary>
/// The flags in force, by environment, and who listens to them. Reading is one volatile read; only the driver's thread puts up something
/// new.
/// </summary>
public sealed class FlagBoard(TimeProvider time)
{
    /// <summary>Beyond it a client is refused: it tries again, and evaluates by what it has.</summary>
    public const int MostListeners = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, FlagListener> _listeners = [];
    private volatile FrozenDictionary<string, FlagSnapshot> _snapshots = FrozenDictionary<string, FlagSnapshot>.Empty;
    private volatile FrozenDictionary<string, FlagDocument> _segments = FrozenDictionary<string, FlagDocument>.Empty;
    private volatile string _default = "production";
    private bool _isClosed;
    private long _lastId;

    /// <summary>The environment of whoever names none.</summary>
    public string DefaultEnvironment => _default;

    public IReadOnlyCollection<string> Environments => _snapshots.Keys;

    public FlagSnapshot? Of(string environment) => _snapshots.GetValueOrDefault(environment);

    /// <summary>The segments that releases name there, to be asked by themselves; null: none is named.</summary>
    public FlagDocument? SegmentsOf(string environment) => _segments.GetValueOrDefault(environment);

    /// <summary>Puts up the segments that are named, by environment. Nobody is told: no client evaluates them.</summary>
    public void PutUp(IReadOnlyDictionary<string, FlagDocument> segments) =>
        _segments = segments.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>
    /// From now on the listener hears of every change, the present state included, so that nothing falls between reading and listening. Null
    /// when there are too many, the server stops, or there is no such environment. Dispose it when the client leaves.
    /// </summary>
    /// <param name="token">The name of the key it came with; null without one.</param>
    public FlagListener? Listen(string environment, FlagListenerKind kind, string name, string? token = null)
    {
        lock (_lock)
        {
            if (_isClosed || _listeners.Count >= MostListeners || Of(environment) is not { } snapshot)
            {
                return null;
            }
            var listener = new FlagListener(++_lastId, kind, name, environment, time.GetUtcNow(), Leave) { Token = token };
            _listeners.Add(listener.Id, listener);
            listener.Tell(snapshot);
            return listener;
        }
    }

    /// <summary>Everybody who listens to the environment now.</summary>
    public IReadOnlyList<FlagListener> Listeners(string environment)
    {
        lock (_lock)
        {
            return [.. _listeners.Values.Where(listener => listener.Environment == environment).OrderBy(listener => listener.Id)];
        }
    }

    /// <summary>The listener with this id, while it is connected.</summary>
    public FlagListener? Find(long id)
    {
        lock (_lock)
        {
            return _listeners.GetValueOrDefault(id);
        }
    }

    /// <summary>Puts up new snapshots, all at once, and tells those whose environment changed.</summary>
    public void PutUp(IReadOnlyCollection<FlagSnapshot> snapshots, string defaultEnvironment)
    {
        lock (_lock)
        {
            var before = _snapshots;
            _default = defaultEnvironment;
            _snapshots = snapshots.ToFrozenDictionary(snapshot => snapshot.Environment, StringComparer.Ordinal);
            foreach (var listener in _listeners.Values)
            {
                if (
                    _snapshots.TryGetValue(listener.Environment, out var now)
                    && !ReferenceEquals(now, before.GetValueOrDefault(listener.Environment))
                )
                {
                    listener.Tell(now);
                }
            }
        }
    }

    /// <summary>Lets every listener go: the server stops.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (var listener in _listeners.Values)
            {
                listener.Close();
            }
            _listeners.Clear();
        }
    }

    private void Leave(FlagListener listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener.Id);
        }
    }
}
