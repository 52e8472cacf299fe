using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Teal.Server.Processes;

/// <summary>
/// Finds free ports on loopback. Between finding and the app's bind somebody else may take one: the app then exits and is started
/// again with another. That is rare: what a server of this machine gave lately is not given again, and nothing is given that the kernel
/// would soon give to others.
/// </summary>
public sealed class PortPicker
{
    private const int Remembered = 64;
    private const int SmallestRange = 2048;
    private const int Tries = 64;
    private const string KernelsRange = "/proc/sys/net/ipv4/ip_local_port_range";
    private readonly Lock _lock = new();
    private readonly Queue<Socket> _given = new();
    private readonly (int First, int Last)? _quiet = QuietPart(KernelsWords());

    /// <summary>Null when none was found.</summary>
    public int? Pick()
    {
        lock (_lock)
        {
            for (var i = 0; i < Tries; i++)
            {
                if (FreePort(Wish(i)) is { } port && Claim(port) is { } claim)
                {
                    Remember(claim);
                    return port;
                }
            }
        }
        return null;
    }

    /// <summary>
    /// The ports of the kernel's own range that it gives away last: who asks for any port (with SO_REUSEADDR, as servers do) gets one of
    /// the lower half, who connects an even one.
    /// </summary>
    /// <param name="words"><c>ip_local_port_range</c>: the first and the last port.</param>
    /// <returns>Two odd ports, or null when the text is no range or a small one.</returns>
    public static (int First, int Last)? QuietPart(string words)
    {
        var ends = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return
            ends is [var low, var high]
            && int.TryParse(low, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(high, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && last - first > SmallestRange
            && last <= IPEndPoint.MaxPort
            ? ((first + ((last - first) / 2)) | 1, (last - 1) | 1)
            : null;
    }

    /// <summary>0, any, when half of the tries were in vain or the kernel's range is not known.</summary>
    private int Wish(int tried) =>
        _quiet is var (first, last) && tried < Tries / 2 ? first + (2 * RandomNumberGenerator.GetInt32(((last - first) / 2) + 1)) : 0;

    private static int? FreePort(int wish)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, wish));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return null;
        }
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static string KernelsWords()
    {
        try
        {
            return File.ReadAllText(KernelsRange);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>
    /// A name that only one of all servers of this network can have, by an abstract Unix socket: the port itself stays free for the app.
    /// The kernel takes it back when the server dies. Null when the port was given lately, by whomever.
    /// </summary>
    private static Socket? Claim(int port)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0teal-port-{port}")));
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return null;
        }
    }

    private void Remember(Socket claim)
    {
        _given.Enqueue(claim);
        if (_given.Count > Remembered)
        {
            _given.Dequeue().Dispose();
        }
    }
}
