using System.Net;
using System.Net.Http.Headers;

namespace Teal.Traffic.Proxying;

/// <summary>
/// A text/event-stream answer: may last for ever, so a drain ends it after a whole event, as if the application had. The client then
/// reconnects by itself, to the new version.
/// </summary>
internal sealed class EventStream : Stream, IGentleEnd
{
    private readonly Stream _inner;
    private readonly InterruptibleReader _reader;
    private readonly EventBoundary _boundary = new();

    private EventStream(Stream inner)
    {
        _inner = inner;
        _reader = new InterruptibleReader(inner);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static bool IsOne(HttpResponseMessage answer) =>
        answer.Content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues type)
        && type.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>Puts itself between the application's answer and its copy to the client.</summary>
    public static void Guard(HttpResponseMessage answer, Passage passage) => answer.Content = new GuardedContent(answer.Content, passage);

    public bool IsEnding => _reader.IsInterrupted;

    public void End() => _reader.Interrupt();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
        {
            return 0;
        }
        if (_reader.IsInterrupted && _boundary.IsBetweenEvents && _reader.Available.Length == 0)
        {
            return 0;
        }
        var more = await _reader.FillAsync(isInterruptible: _boundary.IsBetweenEvents, cancellationToken);
        return more == true ? Copy(buffer.Span) : 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>What is there; when asked to end, up to the end of the event.</summary>
    private int Copy(Span<byte> buffer)
    {
        var available = _reader.Available;
        var count = Math.Min(available.Length, buffer.Length);
        count = _boundary.Advance(available[..count], stopsBetweenEvents: _reader.IsInterrupted);
        available[..count].CopyTo(buffer);
        _reader.Take(count);
        return count;
    }

    private sealed class GuardedContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly Passage _passage;

        public GuardedContent(HttpContent inner, Passage passage)
        {
            _inner = inner;
            _passage = passage;
            foreach (var (name, values) in inner.Headers.NonValidated)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override async Task<Stream> CreateContentReadStreamAsync()
        {
            var guarded = new EventStream(await _inner.ReadAsStreamAsync());
            _passage.LongLived = guarded;
            return guarded;
        }

        protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => CreateContentReadStreamAsync();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _inner.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}

/// <summary>Finds the empty lines between events (HTML Standard, 9.2.5: lines end with LF, CR or CR LF).</summary>
internal sealed class EventBoundary
{
    private bool _isLineEmpty = true;
    private bool _wasCr;

    /// <summary>True at the start and right after an empty line.</summary>
    public bool IsBetweenEvents { get; private set; } = true;

    /// <summary>Goes over the bytes; the number that was gone over, which is all unless it has to stop between two events.</summary>
    public int Advance(ReadOnlySpan<byte> bytes, bool stopsBetweenEvents)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (stopsBetweenEvents && IsBetweenEvents && !(_wasCr && bytes[i] == '\n'))
            {
                return i;
            }
            Step(bytes[i]);
        }
        return bytes.Length;
    }

    private void Step(byte value)
    {
        if (value == '\n' && _wasCr)
        {
            // The second half of CR LF: the line has ended already.
            _wasCr = false;
            return;
        }
        _wasCr = value == '\r';
        if (value is (byte)'\n' or (byte)'\r')
        {
            IsBetweenEvents = _isLineEmpty;
            _isLineEmpty = true;
            return;
        }
        _isLineEmpty = false;
        IsBetweenEvents = false;
    }
}
