using System.Security.Cryptography;

namespace Teal.Traffic.Proxying;

/// <summary>
/// The client's side of a WebSocket. Bytes go through unchanged, until a drain asks it to end: then a Close frame with 1012 (service
/// restart) is put between two frames of each direction, and both sides say goodbye as the protocol wants it.
/// </summary>
internal sealed class WebSocketRelay(Stream client) : Stream, IGentleEnd
{
    private const byte FinClose = 0x88;
    private const byte Masked = 0x80;
    private static readonly byte[] Goodbye = [0x03, 0xf4, .. "service restart"u8];

    private readonly InterruptibleReader _reader = new(client);
    private readonly FrameFollower _fromClient = new();
    private readonly FrameFollower _fromApplication = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private bool _saidToClient;
    private bool _saidToApplication;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public bool IsEnding => _reader.IsInterrupted;

    public void End()
    {
        _reader.Interrupt();
        _ = SayToIdleClientAsync();
    }

    /// <summary>
    /// The application has left. The client was told, and its own Close is on the way: closing the connection under it would be an
    /// error to the client, so it is waited for.
    /// </summary>
    /// <param name="patience">Below the drain's own, which would cut it.</param>
    public async Task SeeClientOffAsync(TimeSpan patience, TimeProvider time)
    {
        if ((_saidToClient || _fromApplication.SawClose) && !_fromClient.SawClose)
        {
            using var over = new CancellationTokenSource(patience, time);
            try
            {
                await SwallowAsync(over.Token);
            }
            catch (Exception e)
                when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // It left without a word, or takes too long.
            }
        }
        await client.DisposeAsync();
    }

    /// <summary>From the client, for the application.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
        {
            return 0;
        }
        if (_saidToApplication)
        {
            await SwallowAsync(cancellationToken);
            return 0;
        }
        if (IsEnding && MaySay(_fromClient))
        {
            return SayToApplication(buffer.Span);
        }
        return await _reader.FillAsync(isInterruptible: MaySay(_fromClient), cancellationToken) switch
        {
            null => SayToApplication(buffer.Span),
            true => Copy(buffer.Span),
            false => 0,
        };
    }

    /// <summary>From the application, to the client.</summary>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_saidToClient)
            {
                return;
            }
            var count = _fromApplication.Advance(buffer.Span, stopsBetweenFrames: IsEnding);
            await client.WriteAsync(buffer[..count], cancellationToken);
            await SayToClientAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => client.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // The forwarder disposes this when the application has left; the client's stream is closed by SeeClientOffAsync.

    private static bool MaySay(FrameFollower direction) => direction.IsBetweenFrames && !direction.SawClose;

    private int Copy(Span<byte> buffer)
    {
        var available = _reader.Available;
        var count = Math.Min(available.Length, buffer.Length);
        count = _fromClient.Advance(available[..count], stopsBetweenFrames: IsEnding && !_fromClient.SawClose);
        if (count == 0)
        {
            // Asked to end since we looked: this is the place.
            return SayToApplication(buffer);
        }
        available[..count].CopyTo(buffer);
        _reader.Take(count);
        return count;
    }

    /// <summary>Frames of a client are masked (RFC 6455, 5.3).</summary>
    private int SayToApplication(Span<byte> buffer)
    {
        Span<byte> frame = stackalloc byte[6 + Goodbye.Length];
        frame[0] = FinClose;
        frame[1] = (byte)(Masked | Goodbye.Length);
        RandomNumberGenerator.Fill(frame.Slice(2, 4));
        for (var i = 0; i < Goodbye.Length; i++)
        {
            frame[6 + i] = (byte)(Goodbye[i] ^ frame[2 + (i % 4)]);
        }
        _saidToApplication = true;
        frame.CopyTo(buffer);
        return frame.Length;
    }

    /// <summary>What the client still says before its own goodbye has no one to hear it.</summary>
    private async Task SwallowAsync(CancellationToken cancellation)
    {
        while (!_fromClient.SawClose && await _reader.FillAsync(isInterruptible: false, cancellation) == true)
        {
            _fromClient.Advance(_reader.Available, stopsBetweenFrames: false);
            _reader.Take(_reader.Available.Length);
        }
    }

    /// <summary>Holding the right to write.</summary>
    private async ValueTask SayToClientAsync(CancellationToken cancellation)
    {
        if (IsEnding && !_saidToClient && MaySay(_fromApplication))
        {
            _saidToClient = true;
            byte[] frame = [FinClose, (byte)Goodbye.Length, .. Goodbye];
            await client.WriteAsync(frame, cancellation);
        }
    }

    private async Task SayToIdleClientAsync()
    {
        await _writing.WaitAsync();
        try
        {
            await SayToClientAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone: nobody to say goodbye to.
        }
        finally
        {
            _writing.Release();
        }
    }
}
