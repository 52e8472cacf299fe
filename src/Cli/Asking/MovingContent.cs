using System.Net;
using System.Net.Http.Headers;

namespace Teal.Cli.Asking;

/// <summary>A body that is written as it is sent, so that a folder of any size takes no memory, and that tells when it moves.</summary>
internal sealed class MovingContent : HttpContent
{
    private readonly Func<Stream, CancellationToken, Task> _write;
    private readonly Action<bool> _moved;
    private readonly CancellationToken _limit;
    private long _sent;
    private volatile bool _isSent;

    /// <param name="moved">Called with false whenever a piece of it was taken, and with true at its end.</param>
    /// <param name="limit">Ends the writing.</param>
    public MovingContent(Func<Stream, CancellationToken, Task> write, string mediaType, Action<bool> moved, CancellationToken limit)
    {
        (_write, _moved, _limit) = (write, moved, limit);
        Headers.ContentType = new MediaTypeHeaderValue(mediaType);
    }

    /// <summary>Bytes that were taken so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public bool IsSent => _isSent;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await using (var moving = new MovingStream(this, stream))
        {
            await _write(moving, _limit);
        }
        _isSent = true;
        _moved(true);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private void Taken(int bytes)
    {
        Interlocked.Add(ref _sent, bytes);
        _moved(false);
    }

    /// <summary>Counts what goes through; the stream below stays its owner's.</summary>
    private sealed class MovingStream(MovingContent content, Stream below) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await below.WriteAsync(buffer, cancellationToken);
            content.Taken(buffer.Length);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count)
        {
            below.Write(buffer, offset, count);
            content.Taken(count);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => below.FlushAsync(cancellationToken);

        public override void Flush() => below.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
