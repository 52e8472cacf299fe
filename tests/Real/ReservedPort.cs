using System.Net;
using System.Net.Sockets;

namespace Teal.Tests.Real;

/// <summary>
/// A port of loopback that nobody else is given: bound, never listened on. Who connects is refused; a server that binds it by its number
/// may listen on it, may die, and finds it again. Freed and bound later it could be a neighbour's by then.
/// </summary>
internal sealed class ReservedPort : IDisposable
{
    // .NET binds TCP sockets with SO_REUSEADDR: two may be bound to one port as long as one listens, and the kernel gives a bound port to nobody.
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ReservedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public Uri Address => new($"http://127.0.0.1:{Number}");

    public void Dispose() => _socket.Dispose();
}
