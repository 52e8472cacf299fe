namespace Teal.Traffic.Proxying;

/// <summary>
/// Reads a stream into its own buffer, so that whoever waits for it can be called away while the read goes on. One reader at a time.
/// </summary>
internal sealed class InterruptibleReader(Stream inner)
{
    private const int BufferBytes = 16 * 1024;

    private readonly TaskCompletionSource _interrupt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _buffer = new byte[BufferBytes];
    private Task<int>? _pending;
    private int _start;
    private int _end;

    public bool IsInterrupted => _interrupt.Task.IsCompleted;

    /// <summary>What was read and not yet taken.</summary>
    public ReadOnlySpan<byte> Available => _buffer.AsSpan(_start, _end - _start);

    public void Interrupt() => _interrupt.TrySetResult();

    public void Take(int count) => _start += count;

    /// <summary>
    /// Waits for more bytes when there are none. Null: called away; the read goes on and is picked up by the next call with
    /// <paramref name="isInterruptible"/> false. False: the stream has ended.
    /// </summary>
    public async ValueTask<bool?> FillAsync(bool isInterruptible, CancellationToken cancellation)
    {
        if (_start < _end)
        {
            return true;
        }
        // The read itself is never cancelled: whoever waits next gets what it brings.
        _pending ??= inner.ReadAsync(_buffer, CancellationToken.None).AsTask();
        if (isInterruptible && await Task.WhenAny(_pending, _interrupt.Task).WaitAsync(cancellation) != _pending)
        {
            return null;
        }
        var read = await _pending.WaitAsync(cancellation);
        _pending = null;
        _start = 0;
        _end = read;
        return read > 0;
    }
}
