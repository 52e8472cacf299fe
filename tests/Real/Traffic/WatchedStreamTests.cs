using System.Net;
using System.Net.Sockets;
using System.Text;
using Teal.Traffic.Proxying;

namespace Teal.Tests.Real.Traffic;

public sealed class WatchedStreamTests : IAsyncLifetime
{
    /// <summary>As long as the first read of SocketsHttpHandler.</summary>
    private const int HeadRead = 4096;
    private const int BodyRead = 65536;

    private readonly Socket _teal = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private Socket _app = null!;
    private WatchedStream _stream = null!;

    public async ValueTask InitializeAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await _teal.ConnectAsync(listener.LocalEndpoint);
        _app = await listener.AcceptSocketAsync();
        _stream = new WatchedStream(_teal);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _app.Dispose();
    }

    [Fact]
    public async Task A_body_that_came_with_its_head_is_read_at_once()
    {
        var body = Body(16_384);
        await AnswerAsync(Head(body.Length), body);

        Assert.Equal(Head(body.Length), await ReadAsync(HeadRead));
        Assert.Equal(body, await ReadAsync(BodyRead));
    }

    [Fact]
    public async Task A_read_ahead_from_before_the_request_gives_the_head_alone_too()
    {
        var body = Body(16_384);
        var ahead = ReadAsync(HeadRead);
        await AnswerAsync(Head(body.Length), body, isRead: true);

        Assert.Equal(Head(body.Length), await ahead);
        await ArrivedAsync(body.Length - (HeadRead - Head(body.Length).Length));
        Assert.Equal(body, await ReadAsync(BodyRead));
    }

    [Fact]
    public async Task What_has_not_come_is_not_waited_for()
    {
        var body = Body(16_384);
        var head = Head(body.Length);
        await AnswerAsync(head, body[..8000]);

        Assert.Equal(head, await ReadAsync(HeadRead));
        Assert.Equal(body[..8000], await ReadAsync(BodyRead));
        var rest = ReadAsync(BodyRead);
        Assert.False(rest.IsCompleted);
        await _app.SendAsync(body[8000..9000]);
        Assert.Equal(body[8000..9000], await rest);
    }

    [Fact]
    public async Task A_small_answer_is_read_as_it_came()
    {
        var body = Body(100);
        await AnswerAsync(Head(100), body);
        byte[] answer = [.. Head(100), .. body];
        Assert.Equal(answer, await ReadAsync(HeadRead));
    }

    [Fact]
    public async Task What_was_kept_is_given_in_pieces_to_who_reads_in_pieces()
    {
        var body = Body(16_384);
        await AnswerAsync(Head(body.Length), body);
        await ReadAsync(HeadRead);

        var read = new List<byte>();
        Assert.Empty(await ReadAsync(0));
        while (read.Count < body.Length)
        {
            var piece = await ReadAsync(1000);
            Assert.NotEmpty(piece);
            read.AddRange(piece);
        }
        Assert.Equal(body, read);
    }

    [Fact]
    public async Task A_reset_after_what_was_kept_is_told_and_never_taken_for_an_end()
    {
        var head = Head(100_000);
        var body = Body(HeadRead - head.Length);
        await AnswerAsync(head, body);
        Assert.Equal(head, await ReadAsync(HeadRead));
        RawApp.Reset(_app);
        await Door.UntilAsync(() => _teal.Poll(0, SelectMode.SelectRead), "the reset has come");

        Assert.Equal(body, await ReadAsync(BodyRead));
        await Assert.ThrowsAsync<IOException>(async () => await ReadAsync(BodyRead));
    }

    [Fact]
    public async Task Each_answer_of_a_kept_connection_is_read_so()
    {
        for (var length = 4_000; length < 40_000; length += 3_000)
        {
            var body = Body(length);
            await AnswerAsync(Head(length), body);
            var all = new List<byte>();
            while (all.Count < Head(length).Length + length)
            {
                all.AddRange(await ReadAsync(all.Count == 0 ? HeadRead : BodyRead));
            }
            byte[] answer = [.. Head(length), .. body];
            Assert.Equal(answer, all);
        }
    }

    [Theory]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 100000\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nContent-Length: 100000\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\ntransfer-encoding : chunked\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nX: 1\n\nContent-Length: 100000\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: +100000\r\n\r\n")]
    public async Task What_may_not_be_of_the_body_is_never_kept(string method, string head)
    {
        await AnswerAsync(Encoding.Latin1.GetBytes(head), Body(HeadRead), method: method);
        Assert.Equal(HeadRead, (await ReadAsync(HeadRead)).Length);
    }

    private static byte[] Head(int length) => Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");

    private static byte[] Body(int length)
    {
        var body = new byte[length];
        new Random(length).NextBytes(body);
        return body;
    }

    /// <summary>A request goes out, and its answer has come in.</summary>
    private async Task AnswerAsync(byte[] head, byte[] body, bool isRead = false, string method = "GET")
    {
        await _stream.WriteAsync(Encoding.Latin1.GetBytes($"{method} / HTTP/1.1\r\nHost: x\r\n\r\n"));
        byte[] answer = [.. head, .. body];
        await _app.SendAsync(answer);
        if (!isRead)
        {
            await ArrivedAsync(answer.Length);
        }
    }

    private Task ArrivedAsync(int bytes) => Door.UntilAsync(() => _teal.Available >= bytes, $"{bytes} bytes have come");

    private async Task<byte[]> ReadAsync(int most)
    {
        var buffer = new byte[most];
        var read = await _stream.ReadAsync(buffer);
        return buffer[..read];
    }
}
