using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Teal.Flags;
using Teal.Releases.Rollouts;
using Teal.Server;
using Teal.Server.Access;
using Teal.Server.Flags;
using Teal.Server.Flags.Clients;

namespace Teal.Tests.Real.Flags;

/// <summary>The ports for flags over a board of the test's own: no journal, no driver, any state at once.</summary>
internal sealed class FlagServer : IAsyncDisposable
{
    private readonly FlagPorts _ports;
    private readonly Dictionary<string, FlagSnapshot> _shown = [];
    private ImmutableSortedDictionary<string, TokenCreated> _tokens = ImmutableSortedDictionary<string, TokenCreated>.Empty;
    private long _revision;

    private FlagServer(TimeProvider time, int mostASecond, string[] origins)
    {
        Board = new FlagBoard(time);
        Audience = new FlagAudience(Board, new SdkKeys(() => _tokens, time));
        var reports = new RolloutReports(() => Rollouts, time);
        Reports = reports;
        Events = new ClientEvents(reports, time);
        var options = new FlagPortOptions("http://127.0.0.1:0", origins, "127.0.0.1:0") { MostRequestsASecond = mostASecond };
        _ports = FlagPorts.Build(options, new FlagPortParts(Board, Audience, reports, Events), time);
    }

    public FlagBoard Board { get; }

    public FlagAudience Audience { get; }

    public RolloutReports Reports { get; }

    public ClientEvents Events { get; }

    /// <summary>What rolls out, by <c>environment/flag</c>.</summary>
    public ImmutableSortedDictionary<string, RolloutState> Rollouts { get; set; } = ImmutableSortedDictionary<string, RolloutState>.Empty;

    public Uri Ofrep => _ports.Ofrep!;

    public Uri Flagd => _ports.Flagd!;

    public static async Task<FlagServer> StartAsync(TimeProvider? time = null, params string[] origins)
    {
        var server = new FlagServer(time ?? TimeProvider.System, 20_000, origins);
        await server._ports.StartAsync(CancellationToken.None);
        return server;
    }

    /// <param name="mostASecond">Requests of one key.</param>
    public static async Task<FlagServer> StartAsync(TimeProvider time, int mostASecond)
    {
        var server = new FlagServer(time, mostASecond, []);
        await server._ports.StartAsync(CancellationToken.None);
        return server;
    }

    /// <summary>A key of the environment, for an SDK unless a role is said.</summary>
    public string Key(string environment = "production", string name = "web", DateTimeOffset? expires = null, Role role = Role.Sdk)
    {
        var secret = TokenSecret.Of(RandomNumberGenerator.GetBytes(TokenSecret.RandomBytes));
        _tokens = _tokens.SetItem(name, new TokenCreated(name, TokenSecret.Hash(secret), role.Name(), null, expires, environment));
        return secret;
    }

    public void Revoke(string name = "web") => _tokens = _tokens.Remove(name);

    /// <summary>Shows the document from now on, to everybody.</summary>
    public FlagSnapshot Show(string document, string environment = "production", string? client = null)
    {
        var json = Encoding.UTF8.GetBytes(document);
        Assert.True(FlagDocument.TryRead(json, DocumentLimits.Usual, out var read, out var fault), fault?.ToString());
        var tag = Convert.ToHexStringLower(SHA256.HashData(json))[..16];
        var snapshot = new FlagSnapshot(environment, ++_revision, read, client is null ? json : Encoding.UTF8.GetBytes(client), tag);
        _shown[environment] = snapshot;
        Board.PutUp([.. _shown.Values], "production");
        return snapshot;
    }

    /// <summary>The document of these tests, with another headline.</summary>
    public FlagSnapshot ShowHeadline(string headline, string environment = "production")
    {
        var document = JsonNode.Parse(Sample)!;
        document["flags"]!["headline"]!["variants"]!["plain"] = headline;
        return Show(document.ToJsonString(), environment);
    }

    public async ValueTask DisposeAsync()
    {
        Board.Close();
        await _ports.StopAsync();
        await _ports.DisposeAsync();
    }

    public const string Sample = """
        {
          "flags": {
            "new-checkout": {
              "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off",
              "targeting": { "if": [{ "==": [{ "var": "plan" }, "gold"] }, "on", null] },
              "metadata": { "owner": "shop", "version": 3 }
            },
            "headline": { "state": "ENABLED", "variants": { "plain": "Hello", "bold": "HELLO!" }, "defaultVariant": "plain" },
            "page-size": { "state": "ENABLED", "variants": { "small": 10, "large": 50 }, "defaultVariant": "large" },
            "price-factor": { "state": "ENABLED", "variants": { "full": 1.0, "less": 0.85 }, "defaultVariant": "less" },
            "theme": {
              "state": "ENABLED", "variants": { "dark": { "ink": "#fff", "size": 2 }, "light": {} }, "defaultVariant": "dark"
            },
            "sleeping": { "state": "DISABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off" },
            "no-default": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": null },
            "broken": {
              "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off",
              "targeting": { "if": [true, "nowhere"] }
            }
          },
          "metadata": { "flagSetId": "production" }
        }
        """;
}
