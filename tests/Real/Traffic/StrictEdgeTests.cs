namespace Teal.Tests.Real.Traffic;

/// <summary>Behind the edge stands a backend that records every byte: what must be refused records nothing.</summary>
public sealed class StrictEdgeTests
{
    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\nhello")]
    [InlineData("GET / HTTP/1.1\nHost: x\n\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\u0001\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\u001f\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\u007f\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA[]: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA@: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://other/ HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /public/../admin HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /public/%2e%2E/admin HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /public/.%2e HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /public/..;/admin HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /./admin HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET http://x/a/../b HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /admin%00 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /admin%zz HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /admin% HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /a\\x HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /a%5cx HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /a#x HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /a\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n")]
    [InlineData("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("-bl / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("MKCOLA / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("get / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nExpect: bogus\r\n\r\n")]
    public async Task What_can_be_read_in_two_ways_is_refused_and_reaches_nobody(string request)
    {
        using var backend = new RawApp();
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, backend.Address));

        using var client = await RawClient.ConnectAsync(door.Address);
        await client.SendAsync(request);
        var answer = await client.ReadUntilAsync(static text => text.EndsWith("<end>", StringComparison.Ordinal));

        Assert.Matches("^HTTP/1.1 (400|405|417|501) ", answer);
        Assert.Empty(backend.Heads);
        Assert.Equal(0, door.Ledger.Accepted);
    }

    [Theory]
    [InlineData("101 headers", "431|400")]
    [InlineData("33 KiB of headers", "431|400")]
    [InlineData("9 KiB of target", "414|400")]
    public async Task What_is_too_much_is_refused(string what, string status)
    {
        using var backend = new RawApp();
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, backend.Address));
        var request = what switch
        {
            "101 headers" => "GET / HTTP/1.1\r\nHost: x\r\n"
                + string.Concat(Enumerable.Range(0, 101).Select(static i => $"A{i}: b\r\n"))
                + "\r\n",
            "33 KiB of headers" => "GET / HTTP/1.1\r\nHost: x\r\nA: " + new string('a', 33 << 10) + "\r\n\r\n",
            _ => "GET /" + new string('a', 9 << 10) + " HTTP/1.1\r\nHost: x\r\n\r\n",
        };
        using var client = await RawClient.ConnectAsync(door.Address);
        await client.SendAsync(request);
        var answer = await client.ReadUntilAsync(static text => text.Contains("\r\n\r\n", StringComparison.Ordinal) || text.EndsWith('>'));
        Assert.Matches($"^HTTP/1.1 ({status}) ", answer);
        Assert.Empty(backend.Heads);
    }

    [Fact]
    public async Task What_a_client_says_of_itself_does_not_pass()
    {
        var head = await ForwardedAsync(
            "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Prefix: /a\r\nForwarded: for=1\r\n"
                + "X-Real-IP: 1.2.3.4\r\nVia: 1.1 me\r\nTeal-Version: v9\r\nX-Teal-Slot: green\r\n"
                + "X_Forwarded_For: 1.2.3.4\r\nX.Forwarded.Host: evil\r\nTransfer_Encoding: chunked\r\nContent_Length: 5\r\nRemote.User: root\r\n"
                + "X-Content-Length: 5\r\nTE: gzip\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nX-Mine: 1\r\nmy_own: 2\r\nConnection: X-Mine\r\n"
        );
        Assert.Equal(["Host: x", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: x", "X-Forwarded-Proto: http", "my_own: 2"], Lines(head));
    }

    [Fact]
    public async Task A_trusted_proxy_is_believed()
    {
        var head = await ForwardedAsync(
            "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\nForwarded: for=1\r\n",
            trusted: true
        );
        Assert.Equal(
            [
                "Forwarded: for=1",
                "Host: x",
                "X-Forwarded-For: 1.2.3.4, 127.0.0.1",
                "X-Forwarded-Host: shop.example",
                "X-Forwarded-Proto: https",
            ],
            Lines(head)
        );
    }

    [Theory]
    [InlineData("/a%2fb//c?x=%2e%2e/&y=|{}")]
    [InlineData("/%61dmin/~x;v=1?")]
    [InlineData("/.well-known/...")]
    public async Task A_plain_target_goes_through_as_it_was_written(string target)
    {
        var head = await ForwardedAsync("", target: target);
        Assert.StartsWith($"GET {target} HTTP/1.1\r\n", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+2")]
    [InlineData("0000002")]
    public async Task A_length_in_an_odd_spelling_is_written_anew(string length)
    {
        using var backend = new RawApp();
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, backend.Address));
        var answer = await RawClient.AskAsync(door.Address, $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\nhi");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 2\r\n", Assert.Single(backend.Heads), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_of_a_value_go_through_as_they_came()
    {
        var head = await ForwardedAsync("X-Name: J\u00c3\u00bcrgen \u00ff\u0080\r\n");
        Assert.Contains("X-Name: J\u00c3\u00bcrgen \u00ff\u0080\r\n", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n")]
    [InlineData("Connection: Upgrade\r\nUpgrade: foo\r\n")]
    [InlineData("Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n")]
    public async Task An_upgrade_that_is_no_WebSocket_is_taken_out(string headers)
    {
        var head = await ForwardedAsync(headers);
        Assert.DoesNotContain("pgrade", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunks_go_through_and_two_requests_stay_two()
    {
        using var backend = new RawApp();
        await using var door = await Door.OpenAsync();
        door.Publish(Door.Pool("blue", "v1", false, backend.Address));
        using var client = await RawClient.ConnectAsync(door.Address);
        await client.SendAsync("GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.ReadAnswerAsync();
        await Door.UntilAsync(() => backend.Heads.Count == 2, "both arrived");
        foreach (var head in backend.Heads)
        {
            Assert.DoesNotContain(head.Replace("\r\n", "", StringComparison.Ordinal), char.IsControl);
        }
    }

    private static async Task<string> ForwardedAsync(string headers, bool trusted = false, string target = "/")
    {
        using var backend = new RawApp();
        await using var door = await Door.OpenAsync(change: options =>
            trusted ? options with { TrustedProxies = [System.Net.IPNetwork.Parse("127.0.0.0/8")] } : options
        );
        door.Publish(Door.Pool("blue", "v1", false, backend.Address));
        var answer = await RawClient.AskAsync(door.Address, $"GET {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        return Assert.Single(backend.Heads);
    }

    private static string[] Lines(string head) =>
        [.. head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Order(StringComparer.Ordinal)];
}
