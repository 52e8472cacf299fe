using System.Net;
using System.Net.Sockets;

namespace Teal.Tests.App;

internal static class Leak
{
    private static readonly List<byte[]> Held = [];

    public static async Task GrowAsync(int mebibytes)
    {
        while (true)
        {
            var block = new byte[mebibytes << 20];
            Array.Fill(block, (byte)1);
            Held.Add(block);
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }
}

internal static class Garbage
{
    public static async Task ServeAsync(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("\0\u0001 no HTTP at all \u001b[31m\r\n\r\n"u8.ToArray());
        }
    }
}
