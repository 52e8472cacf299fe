using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Teal.Server.Access;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>A server with the admin API on TCP too, and a token of every role.</summary>
internal sealed class AdminPort : IAsyncDisposable
{
    private readonly Dictionary<Role, string> _secrets = [];
    private readonly Uri _address;

    private AdminPort(TealProcess teal, Uri address) => (Teal, _address) = (teal, address);

    public TealProcess Teal { get; }

    public string Url => _address.ToString().TrimEnd('/');

    public static async Task<AdminPort> OpenAsync()
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var teal = await TealProcess.StartAsync(["--admin", url]);
        var port = new AdminPort(teal, new Uri(url));
        port._secrets[Role.Admin] = await Eventually.ReturnsAsync(
            () => Task.FromResult(FirstToken(teal.ServerOutput())),
            "the first token",
            teal.ServerOutput
        );
        foreach (var role in new[] { Role.Preview, Role.Sdk, Role.Viewer, Role.Operator })
        {
            string[] scope = role == Role.Sdk ? ["--environment", "production"] : [];
            var created = await teal.TealAsync(["token", "create", role.Name(), "--role", role.Name(), .. scope, "-o", "json"]);
            port._secrets[role] = Regex.Match(created.Output, "teal_[A-Za-z0-9_-]+").Value;
        }
        return port;
    }

    public string SecretOf(Role role) => _secrets[role];

    /// <param name="from">The loopback address that the request comes from: bad tokens shut out an address.</param>
    public HttpClient Client(Role? role, int from = 1)
    {
        var handler = new SocketsHttpHandler { ConnectCallback = (context, ct) => ConnectAsync(context.DnsEndPoint, from, ct) };
        var client = new HttpClient(handler) { BaseAddress = _address };
        if (role is { } named)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _secrets[named]);
        }
        return client;
    }

    public ValueTask DisposeAsync() => Teal.DisposeAsync();

    private static string? FirstToken(string output) =>
        Regex.Match(output, "token +(teal_[A-Za-z0-9_-]+)") is { Success: true } match ? match.Groups[1].Value : null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, int from, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.0.{from}"), 0));
            await socket.ConnectAsync(IPAddress.Loopback, to.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
