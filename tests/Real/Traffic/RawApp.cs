using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Teal.Tests.Real.Traffic;

/// <summary>An upstream of bare sockets that records every byte it is sent and answers as a test wants.</summary>
internal sealed class RawApp : IDisposable
{
    public const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Socket, string, Task> _answer;
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private int _connections;

    /// <param name="answer">Called with each whole head that came; null answers 200.</param>
    public RawApp(Func<Socket, string, Task>? answer = null)
    {
        _answer = answer ?? (static (socket, _) => SendAsync(socket, Ok));
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Whole requests, and the bytes that were left when a connection ended.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    public static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>The next segment is RST.</summary>
    public static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose()
    {
        _listener.Stop();
        foreach (var socket in _sockets.Keys)
        {
            socket.Dispose();
        }
    }

    /// <summary>Of the head and the body; 0 while the head is not whole.</summary>
    private static int Length(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        var length = text.IndexOf("\r\nContent-Length: ", StringComparison.OrdinalIgnoreCase) + 18;
        return end < 4 ? 0
            : length < 18 || length > end ? end
            : end + int.Parse(text[length..text.IndexOf('\r', length)]);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                Interlocked.Increment(ref _connections);
                _sockets.TryAdd(socket, true);
                _ = ServeAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        try
        {
            while (await socket.ReceiveAsync(buffer) is var read and > 0)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
                while (Length(text.ToString()) is var length and > 0 && text.Length >= length)
                {
                    var head = text.ToString(0, length);
                    text.Remove(0, length);
                    Heads.Enqueue(head);
                    await _answer(socket, head);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other side, or the test, has closed it.
        }
        if (text.Length > 0)
        {
            Heads.Enqueue(text.ToString());
        }
    }
}

/// <summary>A client of bare sockets.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(IPEndPoint.Parse(address.Authority));
        return client;
    }

    /// <summary>Sends, and reads until the connection ends or a whole answer with a length is there.</summary>
    public static async Task<string> AskAsync(Uri address, string text)
    {
        using var client = await ConnectAsync(address);
        await client.SendAsync(text);
        return await client.ReadAnswerAsync();
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes);

    public Task<string> ReadAnswerAsync() => ReadUntilAsync(IsWhole);

    public async Task<string> ReadUntilAsync(Func<string, bool> isEnough)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        using var bound = new CancellationTokenSource(Door.Bound);
        while (!isEnough(text.ToString()))
        {
            int read;
            try
            {
                read = await _socket.ReceiveAsync(buffer, bound.Token);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                return text + "<reset>";
            }
            if (read == 0)
            {
                return text + "<end>";
            }
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        return text.ToString();
    }

    public async Task<byte[]> ReadBytesAsync(int count)
    {
        var bytes = new byte[count];
        using var bound = new CancellationTokenSource(Door.Bound);
        for (var at = 0; at < count; )
        {
            var read = await _socket.ReceiveAsync(bytes.AsMemory(at), bound.Token);
            Assert.True(read > 0, $"The connection ended after {at} of {count} bytes.");
            at += read;
        }
        return bytes;
    }

    public void Reset() => RawApp.Reset(_socket);

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var length = text.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        if (end < 0 || length < 0 || length > end)
        {
            return false;
        }
        var digits = text[(length + 16)..text.IndexOf("\r\n", length, StringComparison.Ordinal)];
        return text.Length >= end + 4 + int.Parse(digits);
    }
}
