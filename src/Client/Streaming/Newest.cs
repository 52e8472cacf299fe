using System.Threading.Channels;

namespace Teal.Client;

/// <summary>Does something with the newest of what comes, beside the stream: what is slow skips what came between, and holds up nothing.</summary>
internal sealed class Newest<T>(Func<T, CancellationToken, Task> act)
{
    private readonly Channel<T> _waiting = Channel.CreateBounded<T>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    /// <summary>Something newer waits: whoever repeats an older one may stop.</summary>
    public bool HasNewer => _waiting.Reader.Count > 0;

    public void Put(T item) => _waiting.Writer.TryWrite(item);

    /// <summary>Nothing comes any more: what waits is still done.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    public async Task RunAsync(CancellationToken ct)
    {
        await foreach (var item in _waiting.Reader.ReadAllAsync(ct))
        {
            await act(item, ct);
        }
    }
}
