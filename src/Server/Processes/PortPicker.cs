using System.Net;
using System.Net.Sockets;

namespace Teal.Server.Processes;

/// <summary>
/// Finds free ports on loopback. Between finding and the app's bind somebody else may take one: the app then exits and is started
/// again with another. What was given lately is not given again, so that two apps never race for one port.
/// </summary>
internal sealed class PortPicker
{
    private const int Remembered = 512;
    private const int Tries = 64;
    private readonly Lock _lock = new();
    private readonly Queue<int> _given = new();

    /// <summary>Null when none was found.</summary>
    public int? Pick()
    {
        lock (_lock)
        {
            for (var i = 0; i < Tries; i++)
            {
                var port = FreePort();
                if (!_given.Contains(port))
                {
                    Remember(port);
                    return port;
                }
            }
        }
        return null;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private void Remember(int port)
    {
        _given.Enqueue(port);
        if (_given.Count > Remembered)
        {
            _given.Dequeue();
        }
    }
}
