using System.Threading.Channels;
using Teal.Server.Journal;

namespace Teal.Server.Views;

/// <summary>
/// Passes each journalled entry to whoever listens. A listener that falls behind is let go and resumes by its last id: nothing is
/// dropped in silence.
/// </summary>
public sealed class EventHub
{
    private const int MostListeners = 256;
    private const int MostPending = 1_000;

    private readonly Lock _lock = new();
    private readonly HashSet<Channel<JournalEntry>> _listeners = [];

    /// <summary>Null when there are too many listeners already.</summary>
    public Channel<JournalEntry>? Listen()
    {
        var channel = Channel.CreateBounded<JournalEntry>(new BoundedChannelOptions(MostPending) { SingleReader = true });
        lock (_lock)
        {
            return _listeners.Count < MostListeners && _listeners.Add(channel) ? channel : null;
        }
    }

    public void Leave(Channel<JournalEntry> channel)
    {
        lock (_lock)
        {
            _listeners.Remove(channel);
        }
    }

    public void Publish(JournalEntry entry)
    {
        lock (_lock)
        {
            _listeners.RemoveWhere(channel =>
            {
                if (channel.Writer.TryWrite(entry))
                {
                    return false;
                }
                channel.Writer.TryComplete();
                return true;
            });
        }
    }

    /// <summary>Lets every listener go: the server stops.</summary>
    public void Close()
    {
        lock (_lock)
        {
            foreach (var channel in _listeners)
            {
                channel.Writer.TryComplete();
            }
            _listeners.Clear();
        }
    }
}
