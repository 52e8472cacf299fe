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
    private readonly ReservedPort _port;

    private AdminPort(TealProcess teal, ReservedPort port) => (Teal, _port) = (teal, port);

    public TealProcess Teal { get; }

    public string Url => UrlOf(_port);

    public static async Task<AdminPort> OpenAsync()
    {
        var port = new ReservedPort();
        var teal = await TealProcess.StartAsync(["--admin", UrlOf(port)]);
        var admin = new AdminPort(teal, port);
        admin._secrets[Role.Admin] = await Eventually.ReturnsAsync(
            () => Task.FromResult(FirstToken(teal.ServerOutput())),
            "the first token",
            teal.ServerOutput
        );
        foreach (var role in new[] { Role.Preview, Role.Page, Role.Sdk, Role.Viewer, Role.Operator })
        {
            string[] scope = role.IsOfEnvironment() ? ["--environment", "production"] : [];
            var created = await teal.TealAsync(["token", "create", role.Name(), "--role", role.Name(), .. scope, "-o", "json"]);
            admin._secrets[role] = Regex.Match(created.Output, "teal_[A-Za-z0-9_-]+").Value;
        }
        return admin;
    }

    public string SecretOf(Role role) => _secrets[role];

    /// <param name="from">The loopback address that the request comes from: bad tokens shut out an address.</param>
    public HttpClient Client(Role? role, int from = 1)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (context, ct) => ConnectAsync(context.DnsEndPoint, from, ct),
            // A body that waits for the server's word is not sent before it, however long the server takes.
            Expect100ContinueTimeout = TimeSpan.FromSeconds(60),
        };
        var client = new HttpClient(handler) { BaseAddress = _port.Address };
        if (role is { } named)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _secrets[named]);
        }
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Teal.DisposeAsync();
        _port.Dispose();
    }

    private static string? FirstToken(string output) =>
        Regex.Match(output, "token +(teal_[A-Za-z0-9_-]+)") is { Success: true } match ? match.Groups[1].Value : null;

    private static string UrlOf(ReservedPort port) => port.Address.ToString().TrimEnd('/');

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
