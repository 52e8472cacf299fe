namespace Teal.Traffic.Proxying;

/// <summary>The client's body on its way: tells the passage when it was touched, when it moved and when it is awaited.</summary>
internal sealed class WatchedBody(TimeProvider time) : Stream
{
    private Stream _inner = Null;
    private Passage _passage = null!;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void Begin(Stream inner, Passage passage)
    {
        _inner = inner;
        _passage = passage;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _passage.IsBodyTouched = true;
        var read = _inner.ReadAsync(buffer, cancellationToken);
        if (!read.IsCompletedSuccessfully)
        {
            return AwaitAsync(read);
        }
        _passage.ProgressAt = time.GetTimestamp();
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask<int> AwaitAsync(ValueTask<int> read)
    {
        var passage = _passage;
        passage.IsWaitingForClient = true;
        try
        {
            return await read;
        }
        finally
        {
            passage.ProgressAt = time.GetTimestamp();
            passage.IsWaitingForClient = false;
        }
    }
}
