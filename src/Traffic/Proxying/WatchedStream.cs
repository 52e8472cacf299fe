using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Teal.Traffic.Proxying;

/// <summary>
/// A connection to an instance, as SocketsHttpHandler uses it: one reader, and a write before each answer. It does two things that the
/// handler does not.
/// <para>
/// Just before the first write of a request it looks whether the instance has closed the connection meanwhile. The handler learns that only
/// when its read-ahead is scheduled, which on a busy machine is milliseconds later, and then a POST is lost.
/// </para>
/// <para>
/// When an answer overflows the handler's small first read, it gives the head alone and keeps the rest for the read of the body, which has
/// a larger buffer. Otherwise what came with the head goes to the client in a write of its own, ahead of the rest. Nothing is waited for:
/// a read brings what there is. It keeps only what is certainly part of the body, so that nothing of one answer can be left for the next.
/// </para>
/// </summary>
internal sealed class WatchedStream : NetworkStream
{
    /// <summary>The handler's first read is of as much.</summary>
    private const int MostKept = 4096;

    private byte[]? _kept;
    private int _keptStart;
    private int _keptEnd;
    private SocketException? _failure;
    private bool _isBetweenRequests = true;
    private bool _isBodyPossible;

    public WatchedStream(Socket socket)
        : base(socket, ownsSocket: true) => socket.Blocking = false;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isBetweenRequests)
        {
            _isBetweenRequests = false;
            if (IsClosedByPeer())
            {
                return ValueTask.FromException(new UnsentException("The instance closed the idle connection."));
            }
            _isBodyPossible = !buffer.Span.StartsWith("HEAD "u8) && !buffer.Span.StartsWith("CONNECT "u8);
        }
        return base.WriteAsync(buffer, cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Reads come with each answer; the next write after one begins a request. A write of the same request that follows an early
        // answer is looked at too: harmless, because then the caller knows that the request's body was touched.
        _isBetweenRequests = true;
        if (_failure is { } failure)
        {
            return ValueTask.FromException<int>(new IOException(failure.Message, failure));
        }
        if (_keptStart < _keptEnd)
        {
            return new ValueTask<int>(TakeKept(buffer.Span));
        }
        var reading = base.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<int>(HeadOrAll(buffer.Span, reading.Result)) : AwaitAsync(reading, buffer);
    }

    private bool IsClosedByPeer()
    {
        Span<byte> one = stackalloc byte[1];
        var read = Socket.Receive(one, SocketFlags.Peek, out var error);
        return error == SocketError.Success ? read == 0 : error is not (SocketError.WouldBlock or SocketError.IOPending);
    }

    /// <summary>The read-ahead between two requests waits here, too: whether it brings an answer is known when it has come.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading, Memory<byte> buffer)
    {
        var read = await reading;
        return HeadOrAll(buffer.Span, read);
    }

    private int HeadOrAll(Span<byte> buffer, int read)
    {
        if (!_isBodyPossible || read == 0)
        {
            return read;
        }
        // For the first read of an answer only, and when it was too small for what there is.
        _isBodyPossible = false;
        if (read < buffer.Length || AnswerHead.Find(buffer) is not { } answer)
        {
            return read;
        }
        var more = read - answer.HeadBytes;
        if (more > MostKept || more > answer.BodyBytes)
        {
            return read;
        }
        _kept ??= new byte[MostKept];
        buffer[answer.HeadBytes..].CopyTo(_kept);
        (_keptStart, _keptEnd) = (0, more);
        return answer.HeadBytes;
    }

    /// <summary>What was kept, and what has come since.</summary>
    private int TakeKept(Span<byte> buffer)
    {
        var kept = _kept.AsSpan(_keptStart, Math.Min(_keptEnd - _keptStart, buffer.Length));
        kept.CopyTo(buffer);
        _keptStart += kept.Length;
        var rest = buffer[kept.Length..];
        if (rest.IsEmpty)
        {
            return kept.Length;
        }
        var read = Socket.Receive(rest, SocketFlags.None, out var error);
        if (error is not (SocketError.Success or SocketError.WouldBlock or SocketError.IOPending))
        {
            // The socket tells a reset once: the next read has to.
            _failure = new SocketException((int)error);
        }
        return kept.Length + (error == SocketError.Success ? read : 0);
    }
}
