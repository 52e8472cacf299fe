using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Teal.Server.Access;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>The admin API on TCP: who may, and what is sent to it that should not be.</summary>
public sealed class AdminTests
{
    [Fact]
    public async Task Every_endpoint_answers_every_role_as_the_table_says()
    {
        await using var admin = await AdminPort.OpenAsync();
        var roles = new Role?[] { null, Role.Preview, Role.Page, Role.Sdk, Role.Viewer, Role.Operator, Role.Admin };
        foreach (var (permission, row) in Permissions.All.Select((permission, row) => (permission, row)))
        {
            foreach (var role in roles)
            {
                // Each row comes from an address of its own: too many requests without a token shut an address out.
                using var client = admin.Client(role, from: 10 + row);
                using var request = RequestOf(permission);
                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                var isAllowed = role is { } held && held.May(permission.Least);
                var expected = role is null ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden;
                var words = $"{permission.Method} {permission.Pattern} as {role?.ToString() ?? "nobody"}: {(int)answer.StatusCode}";
                Assert.True(
                    isAllowed
                        ? answer.StatusCode
                            is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed)
                        : answer.StatusCode == expected,
                    words
                );
                Assert.True((int)answer.StatusCode < 500, words);
            }
        }
    }

    [Fact]
    public async Task An_applications_settings_in_the_current_folder_open_no_door_to_the_server()
    {
        using var door = new ReservedPort();
        var variables = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = door.Address.ToString(),
            ["Kestrel__Endpoints__variable__Url"] = door.Address.ToString(),
        };
        await using var teal = TealProcess.AtRest(["--flags", "http://127.0.0.1:0"], variables);
        await File.WriteAllTextAsync(
            Path.Combine(teal.Root, "appsettings.json"),
            $$"""{ "Kestrel": { "Endpoints": { "file": { "Url": "{{door.Address}}" } } }, "Urls": "{{door.Address}}" }"""
        );
        await teal.RunServerAsync();
        using var visitor = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var refused = await Assert.ThrowsAsync<SocketException>(() => visitor.ConnectAsync(IPAddress.Loopback, door.Number));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public async Task Nothing_that_changes_is_reached_by_get()
    {
        await using var admin = await AdminPort.OpenAsync();
        using var client = admin.Client(Role.Admin);
        var patterns = Permissions.All.GroupBy(permission => permission.Pattern).Where(rows => rows.All(row => row.Method != "GET"));
        foreach (var rows in patterns)
        {
            using var answer = await client.GetAsync(PathOf(rows.Key));
            Assert.True(answer.StatusCode == HttpStatusCode.MethodNotAllowed, $"GET {rows.Key}: {(int)answer.StatusCode}");
        }
        using var beside = await client.GetAsync("/api/v1/nothing/here");
        Assert.Equal(HttpStatusCode.NotFound, beside.StatusCode);
    }

    [Fact]
    public async Task The_command_line_says_what_a_token_may_not_do()
    {
        await using var admin = await AdminPort.OpenAsync();
        var none = await admin.Teal.TealAsync("status", "-s", "app", "--server", admin.Url);
        Assert.True(none.ExitCode == 4, none.ToString());
        Assert.Contains("TEAL6005", none.Error);
        await using var viewing = TealProcess.AtRest(
            variables: new() { ["TEAL_SERVER"] = admin.Url, ["TEAL_TOKEN"] = admin.SecretOf(Role.Viewer) }
        );
        var promote = await viewing.TealAsync("promote", "-s", "app");
        Assert.True(promote.ExitCode == 4, promote.ToString());
        Assert.Contains("TEAL6002", promote.Error);
        Assert.DoesNotContain(admin.SecretOf(Role.Viewer), promote.ToString());
    }

    [Theory]
    [InlineData("http://0.0.0.0:9900", "TEAL8215")]
    [InlineData("http://192.0.2.1:9900", "TEAL8215")]
    [InlineData("http://example.com:9900", "TEAL8215")]
    [InlineData("https://127.0.0.1:9900", "TEAL8214")]
    [InlineData("127.0.0.1:9900", "TEAL")]
    [InlineData("http://127.0.0.1:9900/admin", "TEAL")]
    public async Task An_admin_address_beyond_loopback_is_refused_before_anything_starts(string address, string code)
    {
        await using var teal = TealProcess.AtRest();
        var refused = await teal.RefusedServerAsync("--admin", address);
        Assert.True(refused.ExitCode == 2, refused.ToString());
        Assert.Contains(code, refused.Error);
        Assert.Contains(address, refused.Error);
    }

    [Fact]
    public async Task Web_pages_and_borrowed_names_are_kept_out_whatever_token_they_bring()
    {
        await using var admin = await AdminPort.OpenAsync();
        using var client = admin.Client(Role.Admin);
        await RefusedAsync(client, "TEAL6010", request => request.Headers.Host = "rebind.attacker");
        await RefusedAsync(client, "TEAL6011", request => request.Headers.Add("Origin", "https://evil.example"));
        await RefusedAsync(client, "TEAL6011", request => request.Headers.Add("Origin", "null"));
        await RefusedAsync(client, "TEAL6011", request => request.Headers.Add("Sec-Fetch-Site", "cross-site"));
        await RefusedAsync(client, "TEAL6013", request => request.Content = new StringContent("{}", Encoding.UTF8, "text/plain"));
        await RefusedAsync(client, "TEAL6013", request => request.Content = new FormUrlEncodedContent([]));
        await RefusedAsync(
            client,
            "TEAL6013",
            request => request.Content = new StringContent("{}", Encoding.UTF8, "application/xml"),
            HttpStatusCode.UnsupportedMediaType
        );
        using var query = await client.GetAsync($"/api/v1/services?token={admin.SecretOf(Role.Viewer)}");
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL6012"), (query.StatusCode, await CodeAsync(query)));
        Assert.DoesNotContain(admin.SecretOf(Role.Viewer), admin.Teal.ServerOutput());
    }

    [Fact]
    public async Task Who_tries_tokens_has_to_wait_and_nobody_else_does()
    {
        await using var admin = await AdminPort.OpenAsync();
        using var guesser = admin.Client(null, from: 66);
        guesser.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "teal_" + new string('a', 43));
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 25; i++)
        {
            using var answer = await guesser.GetAsync("/api/v1/services");
            statuses.Add(answer.StatusCode);
        }
        Assert.Equal(HttpStatusCode.Unauthorized, statuses[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        using var other = admin.Client(Role.Viewer);
        using var served = await other.GetAsync("/api/v1/services");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    [Fact]
    public async Task Bodies_that_are_not_what_was_asked_for_are_refused_with_a_place()
    {
        await using var admin = await AdminPort.OpenAsync();
        using var client = admin.Client(Role.Admin);
        const string good = "\"version\":\"v1\",\"manifest\":\"service: app\",\"manifest_path\":\"teal.yaml\"";
        await RefusedBodyAsync(client, $"{{{good},\"colour\":1}}", "colour");
        await RefusedBodyAsync(client, $"{{{good},\"version\":\"v2\"}}", "version");
        await RefusedBodyAsync(client, "{\"version\":7,\"manifest\":\"\",\"manifest_path\":\"\"}", "$.version");
        await RefusedBodyAsync(client, "{\"manifest\":\"\",\"manifest_path\":\"\"}", "version");
        await RefusedBodyAsync(client, "{\"version\":null,\"manifest\":\"\",\"manifest_path\":\"\"}", "version");
        await RefusedBodyAsync(client, $"{{{good},\"supersede\":NaN}}", "N");
        await RefusedBodyAsync(client, $"{{{good},\"supersede\":1e400}}", "supersede");
        await RefusedBodyAsync(client, $"{{{good},\"reason\":{new string('[', 10_000)}", "");
        await RefusedBodyAsync(client, "", "");
        await RefusedBodyAsync(client, "null", "");

        using var huge = new HttpRequestMessage(HttpMethod.Post, "/api/v1/services/app/releases");
        huge.Content = new ByteArrayContent(new byte[100 << 20]);
        huge.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        huge.Headers.ExpectContinue = true;
        using var tooLarge = await client.SendAsync(huge);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "TEAL8212"), (tooLarge.StatusCode, await CodeAsync(tooLarge)));
        Assert.Empty((await admin.Teal.Api.GetFromJsonAsync("/api/v1/services", WireJson.Default.ServicesView))!.Services);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a;rm -rf /")]
    [InlineData("$(id)")]
    [InlineData("a\nb")]
    [InlineData("-oProxyCommand=x")]
    [InlineData("__proto__")]
    [InlineData("😀")]
    [InlineData("a\u202eb")]
    [InlineData("\u0430pp")]
    [InlineData("app.")]
    [InlineData("con")]
    [InlineData("App")]
    public async Task A_name_that_is_none_reaches_nothing(string name)
    {
        await using var teal = await TealProcess.StartAsync();
        await AssertBadNameAsync(teal, name);
        await AssertBadNameAsync(teal, new string('a', 300));
        Assert.Empty((await teal.Api.GetFromJsonAsync("/api/v1/services", WireJson.Default.ServicesView))!.Services);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(teal.Home, "versions"), "*", SearchOption.AllDirectories));
    }

    private static async Task AssertBadNameAsync(TealProcess teal, string name)
    {
        var path = $"/api/v1/services/{Uri.EscapeDataString(name)}";
        var deploy = new DeployRequest("v1", "service: app", "teal.yaml");
        using var released = await teal.Api.PostAsJsonAsync($"{path}/releases", deploy, WireJson.Default.DeployRequest);
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL1401"), (released.StatusCode, await CodeAsync(released)));
        using var tar = new ByteArrayContent([]);
        tar.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        using var stored = await teal.Api.PutAsync($"{path}/versions/v1", tar);
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL1401"), (stored.StatusCode, await CodeAsync(stored)));
        using var version = await teal.Api.PutAsync($"/api/v1/services/app/versions/{Uri.EscapeDataString(name + "/")}", tar);
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL1401"), (version.StatusCode, await CodeAsync(version)));
        using var asked = await teal.Api.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{path}/versions/v1"));
        Assert.Equal(HttpStatusCode.NotFound, asked.StatusCode);
        foreach (var verb in new[] { "promote", "pause", "resume", "abort", "rollback" })
        {
            using var steered = await teal.Api.PostAsJsonAsync($"{path}/{verb}", new CommandRequest(), WireJson.Default.CommandRequest);
            Assert.Equal((HttpStatusCode.BadRequest, "TEAL1401"), (steered.StatusCode, await CodeAsync(steered)));
        }
        using var gated = await teal.Api.PutAsJsonAsync($"{path}/gate", new GateRequest("held"), WireJson.Default.GateRequest);
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL1401"), (gated.StatusCode, await CodeAsync(gated)));
        foreach (var read in new[] { "", "/history", "/logs", "/audit" })
        {
            using var shown = await teal.Api.GetAsync(path + read);
            Assert.Equal((HttpStatusCode.BadRequest, "TEAL1401"), (shown.StatusCode, await CodeAsync(shown)));
        }
        var token = new TokenRequest("viewer", name);
        using var created = await teal.Api.PostAsJsonAsync("/api/v1/tokens", token, WireJson.Default.TokenRequest);
        Assert.Equal((HttpStatusCode.BadRequest, "TEAL1401"), (created.StatusCode, await CodeAsync(created)));
    }

    private static async Task RefusedAsync(
        HttpClient client,
        string code,
        Action<HttpRequestMessage> spoil,
        HttpStatusCode status = HttpStatusCode.Forbidden
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/services/app/promote");
        request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        spoil(request);
        using var answer = await client.SendAsync(request);
        Assert.Equal((status, code), (answer.StatusCode, await CodeAsync(answer)));
    }

    private static async Task RefusedBodyAsync(HttpClient client, string body, string place)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/api/v1/services/app/releases", content);
        var text = await answer.Content.ReadAsStringAsync();
        var words = $"{body[..Math.Min(body.Length, 200)]}: {(int)answer.StatusCode} {text}";
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, words);
        Assert.True(text.Contains("TEAL8213", StringComparison.Ordinal) && text.Contains(place, StringComparison.Ordinal), words);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();

    private static HttpRequestMessage RequestOf(Permission permission)
    {
        var request = new HttpRequestMessage(new HttpMethod(permission.Method), PathOf(permission.Pattern));
        if (permission.Body != BodyKind.None)
        {
            request.Content = new ByteArrayContent(permission.Body == BodyKind.Json ? "{}"u8.ToArray() : []);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(
                permission.Body == BodyKind.Json ? "application/json" : "application/x-tar"
            );
        }
        return request;
    }

    private static string PathOf(string pattern) => Regex.Replace(pattern, "{[a-z]+}", "nobody");
}
