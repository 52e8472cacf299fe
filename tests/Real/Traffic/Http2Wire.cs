using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Teal.Tests.Real.Traffic;

/// <summary>One frame of RFC 9113.</summary>
internal sealed record Http2Frame(byte Type, byte Flags, int Stream, byte[] Payload)
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte RstStream = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte Continuation = 9;

    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    /// <summary>An error code of RFC 9113, section 7.</summary>
    public const int NoError = 0;

    private const int HeadBytes = 9;

    /// <summary>Of a GOAWAY: the last stream that was or may be worked on.</summary>
    public int LastStream => BinaryPrimitives.ReadInt32BigEndian(Payload);

    /// <summary>Of a GOAWAY.</summary>
    public int Error => BinaryPrimitives.ReadInt32BigEndian(Payload.AsSpan(4));

    public byte[] ToBytes()
    {
        var bytes = new byte[HeadBytes + Payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Payload.Length << 8);
        (bytes[3], bytes[4]) = (Type, Flags);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), Stream);
        Payload.CopyTo(bytes, HeadBytes);
        return bytes;
    }

    /// <summary>A request's head in HPACK without any table.</summary>
    /// <param name="method">0x82 for GET, 0x83 for POST: indices of the static table.</param>
    public static Http2Frame Request(int stream, byte method = 0x82, bool isWhole = true, string path = "/")
    {
        // :scheme http, :path by name, :authority by name.
        byte[] head = [method, 0x86, 0x04, (byte)path.Length, .. Encoding.ASCII.GetBytes(path), 0x01, 1, (byte)'x'];
        return new(Headers, (byte)(EndHeaders | (isWhole ? EndStream : 0)), stream, head);
    }

    public static Http2Frame Setting(short id, int value)
    {
        var payload = new byte[6];
        BinaryPrimitives.WriteInt16BigEndian(payload, id);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(2), value);
        return new(Settings, 0, 0, payload);
    }

    /// <summary>Takes a stream back, with CANCEL.</summary>
    public static Http2Frame Reset(int stream) => new(RstStream, 0, stream, [0, 0, 0, 8]);

    /// <summary>Null at the end of the connection, however it ends.</summary>
    public static async Task<Http2Frame?> ReadAsync(Stream from, CancellationToken limit)
    {
        try
        {
            var head = new byte[HeadBytes];
            await from.ReadExactlyAsync(head, limit);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
            await from.ReadExactlyAsync(payload, limit);
            return new(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>A client of HTTP/2 that sends whatever frames a test wants.</summary>
internal sealed class Http2Wire : IDisposable
{
    private readonly TcpClient _tcp = new() { NoDelay = true };

    private NetworkStream Stream
    {
        get => field ??= _tcp.GetStream();
    } = null!;

    /// <param name="first">The client's settings.</param>
    public static async Task<Http2Wire> ConnectAsync(Uri address, Http2Frame? first = null)
    {
        var wire = new Http2Wire();
        await wire._tcp.ConnectAsync(address.Host, address.Port);
        await wire.Stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await wire.SendAsync(first ?? new Http2Frame(Http2Frame.Settings, 0, 0, []));
        return wire;
    }

    public async Task SendAsync(params IEnumerable<Http2Frame> frames)
    {
        byte[] bytes = [.. frames.SelectMany(frame => frame.ToBytes())];
        using var limit = new CancellationTokenSource(Door.Bound);
        await Stream.WriteAsync(bytes, limit.Token);
    }

    /// <summary>Sends the same over and over until the edge ends the connection, takes nothing more, or the test says enough.</summary>
    /// <returns>Bytes that were taken, and how it ended.</returns>
    public async Task<FloodEnd> FloodAsync(Func<int, IEnumerable<Http2Frame>> round, long most, TimeSpan patience)
    {
        long taken = 0;
        for (var i = 0; taken < most; i++)
        {
            byte[] bytes = [.. round(i).SelectMany(frame => frame.ToBytes())];
            using var limit = new CancellationTokenSource(patience);
            try
            {
                await Stream.WriteAsync(bytes, limit.Token);
                taken += bytes.Length;
            }
            catch (OperationCanceledException)
            {
                return new FloodEnd(taken, IsStuck: true, IsEnded: false);
            }
            catch (IOException)
            {
                return new FloodEnd(taken, IsStuck: false, IsEnded: true);
            }
        }
        return new FloodEnd(taken, IsStuck: false, IsEnded: false);
    }

    /// <summary>The next frame that is wanted; null when the connection ends before it.</summary>
    public async Task<Http2Frame?> NextAsync(Func<Http2Frame, bool> wanted)
    {
        using var limit = new CancellationTokenSource(Door.Bound);
        while (await Http2Frame.ReadAsync(Stream, limit.Token) is { } frame)
        {
            if (wanted(frame))
            {
                return frame;
            }
        }
        return null;
    }

    /// <summary>Reads to the end of the connection.</summary>
    public async Task<List<Http2Frame>> RestAsync()
    {
        var frames = new List<Http2Frame>();
        try
        {
            await NextAsync(frame =>
            {
                frames.Add(frame);
                return false;
            });
        }
        catch (OperationCanceledException)
        {
            Assert.Fail(
                $"Still open, after {string.Join(", ", frames.TakeLast(10).Select(static frame => $"{frame.Type} of {frame.Stream}"))}."
            );
        }
        return frames;
    }

    public void Dispose() => _tcp.Dispose();
}

/// <param name="IsStuck">The edge does not read any more: nothing piles up in it.</param>
/// <param name="IsEnded">The edge ended the connection.</param>
internal sealed record FloodEnd(long Taken, bool IsStuck, bool IsEnded);
