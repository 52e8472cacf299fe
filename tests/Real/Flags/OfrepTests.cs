using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Teal.Tests.Real.Flags;

/// <summary>OFREP 0.3.0 as its OpenAPI description has it, with raw requests.</summary>
public sealed class OfrepTests
{
    private const string Gold = """{"context":{"targetingKey":"user-1","plan":"gold"}}""";

    [Theory]
    [InlineData(
        "new-checkout",
        """{"key":"new-checkout","value":true,"variant":"on","reason":"TARGETING_MATCH","metadata":{"flagSetId":"production","owner":"shop","version":3}}"""
    )]
    [InlineData(
        "headline",
        """{"key":"headline","value":"Hello","variant":"plain","reason":"STATIC","metadata":{"flagSetId":"production"}}"""
    )]
    [InlineData(
        "page-size",
        """{"key":"page-size","value":50,"variant":"large","reason":"STATIC","metadata":{"flagSetId":"production"}}"""
    )]
    [InlineData(
        "price-factor",
        """{"key":"price-factor","value":0.85,"variant":"less","reason":"STATIC","metadata":{"flagSetId":"production"}}"""
    )]
    [InlineData(
        "theme",
        """{"key":"theme","value":{"ink":"#fff","size":2},"variant":"dark","reason":"STATIC","metadata":{"flagSetId":"production"}}"""
    )]
    [InlineData("sleeping", """{"key":"sleeping","reason":"DISABLED","metadata":{"flagSetId":"production"}}""")]
    [InlineData("no-default", """{"key":"no-default","reason":"UNKNOWN","metadata":{"flagSetId":"production"}}""")]
    public async Task A_flag_is_answered_in_the_shape_of_the_protocol(string key, string expected)
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var client = Client(server);
        using var answer = await PostAsync(client, $"/ofrep/v1/evaluate/flags/{key}", Gold);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        AssertJson(expected, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_targeting_does_not_choose_is_the_default_variant_for_a_reason_that_the_protocol_has()
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var client = Client(server);
        using var answer = await PostAsync(client, "/ofrep/v1/evaluate/flags/new-checkout", """{"context":{}}""");
        var json = await JsonAsync(answer);
        Assert.Equal(
            (false, "off", "UNKNOWN"),
            (json.GetProperty("value").GetBoolean(), json.GetProperty("variant").GetString(), json.GetProperty("reason").GetString())
        );
    }

    [Theory]
    [InlineData("nothing-here")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("../../x")]
    [InlineData("100%")]
    [InlineData("für 😀 \u202e")]
    [InlineData("\"}<script>")]
    public async Task A_key_that_no_flag_has_is_said_back_as_it_came(string key)
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var client = Client(server);
        using var answer = await PostAsync(client, $"/ofrep/v1/evaluate/flags/{Uri.EscapeDataString(key)}", Gold);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var json = await JsonAsync(answer);
        Assert.Equal((key, "FLAG_NOT_FOUND"), (json.GetProperty("key").GetString(), json.GetProperty("errorCode").GetString()));
    }

    [Fact]
    public async Task Rules_that_lead_nowhere_are_a_failure_of_that_flag_alone()
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var client = Client(server);
        using var one = await PostAsync(client, "/ofrep/v1/evaluate/flags/broken", Gold);
        Assert.Equal((HttpStatusCode.BadRequest, "GENERAL"), (one.StatusCode, await CodeAsync(one)));
        using var all = await PostAsync(client, "/ofrep/v1/evaluate/flags", Gold);
        var flags = (await JsonAsync(all)).GetProperty("flags").EnumerateArray().ToDictionary(flag => flag.GetProperty("key").GetString()!);
        Assert.Equal(8, flags.Count);
        Assert.Equal("GENERAL", flags["broken"].GetProperty("errorCode").GetString());
        Assert.Equal("Hello", flags["headline"].GetProperty("value").GetString());
    }

    [Theory]
    [InlineData("", "PARSE_ERROR")]
    [InlineData("{", "PARSE_ERROR")]
    [InlineData("{\"context\":{}} x", "PARSE_ERROR")]
    [InlineData("{\"context\":{\"a\":NaN}}", "PARSE_ERROR")]
    [InlineData("null", "INVALID_CONTEXT")]
    [InlineData("[]", "INVALID_CONTEXT")]
    [InlineData("{}", "INVALID_CONTEXT")]
    [InlineData("{\"context\":null}", "INVALID_CONTEXT")]
    [InlineData("{\"context\":\"user-1\"}", "INVALID_CONTEXT")]
    [InlineData("{\"context\":{\"targetingKey\":7}}", "INVALID_CONTEXT")]
    [InlineData("{\"context\":{\"a\":1e400}}", "INVALID_CONTEXT")]
    [InlineData("{\"context\":{\"a\":1,\"a\":2}}", "INVALID_CONTEXT")]
    public async Task A_body_that_is_none_is_refused_in_words_of_the_protocol(string body, string code)
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var client = Client(server);
        foreach (var path in new[] { "/ofrep/v1/evaluate/flags/headline", "/ofrep/v1/evaluate/flags" })
        {
            using var answer = await PostAsync(client, path, body);
            Assert.Equal((HttpStatusCode.BadRequest, code), (answer.StatusCode, await CodeAsync(answer)));
        }
    }

    [Fact]
    public async Task Invalid_utf8_depth_size_and_type_are_refused_and_the_limit_itself_is_answered()
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var client = Client(server);
        byte[] invalid = [.. "{\"context\":{\"name\":\""u8, 0xC3, 0x28, .. "\"}}"u8];
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_CONTEXT"), await RefusalAsync(client, invalid));
        var deep = Context($"\"a\":{new string('[', 40)}{new string(']', 40)}");
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_CONTEXT"), await RefusalAsync(client, Encoding.UTF8.GetBytes(deep)));
        var deeper = Context($"\"a\":{new string('[', 20_000)}{new string(']', 20_000)}");
        Assert.Equal((HttpStatusCode.BadRequest, "PARSE_ERROR"), await RefusalAsync(client, Encoding.UTF8.GetBytes(deeper)));
        foreach (var size in new[] { 65 * 1024, 66 * 1024, 10 << 20 })
        {
            var large = Encoding.UTF8.GetBytes(Context($"\"a\":\"{new string('x', size)}\""));
            Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "INVALID_CONTEXT"), await RefusalAsync(client, large));
        }
        // Nobody knows how long it will be before it is there.
        var unknown = Encoding.UTF8.GetBytes(Context($"\"a\":\"{new string('x', 66 * 1024)}\""));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "INVALID_CONTEXT"), await RefusalAsync(client, unknown, isChunked: true));
        Assert.Equal((HttpStatusCode.BadRequest, "PARSE_ERROR"), await RefusalAsync(client, Encoding.UTF8.GetBytes(Gold), "text/plain"));
        var most = Context($"\"plan\":\"gold\",\"a\":\"{new string('x', (64 * 1024) - 30)}\"");
        using var answer = await PostAsync(client, "/ofrep/v1/evaluate/flags/new-checkout", most);
        Assert.True((await JsonAsync(answer)).GetProperty("value").GetBoolean());
    }

    [Fact]
    public async Task The_tag_names_the_answer_and_not_only_the_flags()
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        using var client = Client(server);
        var gold = await TagAsync(client, Gold);
        Assert.Equal(gold, await TagAsync(client, Gold));
        Assert.Equal(HttpStatusCode.NotModified, await AskAsync(client, Gold, gold));
        Assert.Equal(HttpStatusCode.NotModified, await AskAsync(client, Gold, $"\"other\", W/{gold}"));
        // The same user, who is told something else now.
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, """{"context":{"targetingKey":"user-1","plan":"iron"}}""", gold));
        server.ShowHeadline("Good evening");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, Gold, gold));
        server.ShowHeadline("Hello");
        Assert.Equal(HttpStatusCode.NotModified, await AskAsync(client, Gold, gold));
    }

    [Fact]
    public async Task A_key_opens_its_environment_and_no_other_and_nothing_opens_without()
    {
        await using var server = await FlagServer.StartAsync();
        server.ShowHeadline("Hello");
        server.ShowHeadline("Hello staging", "staging");
        using var client = new HttpClient { BaseAddress = server.Ofrep };
        using var none = await PostAsync(client, "/ofrep/v1/evaluate/flags/headline", Gold);
        Assert.Equal((HttpStatusCode.Unauthorized, "TEAL9407"), (none.StatusCode, await ProblemAsync(none)));
        Assert.Equal("Bearer", none.Headers.WwwAuthenticate.Single().Scheme);
        client.DefaultRequestHeaders.Add("X-API-Key", server.Key("staging"));
        using var staging = await PostAsync(client, "/ofrep/v1/evaluate/flags/headline", Gold);
        Assert.Equal("Hello staging", (await JsonAsync(staging)).GetProperty("value").GetString());
        client.DefaultRequestHeaders.Add("Flagd-Selector", "environment=production");
        using var production = await PostAsync(client, "/ofrep/v1/evaluate/flags/headline", Gold);
        Assert.Equal((HttpStatusCode.Forbidden, "TEAL9405"), (production.StatusCode, await ProblemAsync(production)));
        server.Revoke();
        using var revoked = await PostAsync(client, "/ofrep/v1/evaluate/flags/headline", Gold);
        Assert.Equal((HttpStatusCode.Unauthorized, "TEAL6001"), (revoked.StatusCode, await ProblemAsync(revoked)));
    }

    [Fact]
    public async Task Who_brings_bad_keys_waits_and_a_good_key_from_the_same_address_does_not()
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var bad = new HttpClient { BaseAddress = server.Ofrep };
        bad.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "teal_" + new string('a', 43));
        for (var i = 0; i < 60; i++)
        {
            using var refused = await PostAsync(bad, "/ofrep/v1/evaluate/flags/headline", Gold);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
        using var tooMany = await PostAsync(bad, "/ofrep/v1/evaluate/flags/headline", Gold);
        Assert.Equal((HttpStatusCode.TooManyRequests, "TEAL6004"), (tooMany.StatusCode, await ProblemAsync(tooMany)));
        Assert.InRange(tooMany.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        using var good = Client(server);
        using var served = await PostAsync(good, "/ofrep/v1/evaluate/flags/headline", Gold);
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    [Fact]
    public async Task An_environment_that_is_not_there_is_said()
    {
        await using var server = await FlagServer.StartAsync();
        server.Show(FlagServer.Sample);
        using var client = new HttpClient { BaseAddress = server.Ofrep };
        client.DefaultRequestHeaders.Add("X-API-Key", server.Key("test"));
        using var one = await PostAsync(client, "/ofrep/v1/evaluate/flags/headline", Gold);
        Assert.Equal((HttpStatusCode.NotFound, "FLAG_NOT_FOUND"), (one.StatusCode, await CodeAsync(one)));
        using var all = await PostAsync(client, "/ofrep/v1/evaluate/flags", Gold);
        Assert.Equal((HttpStatusCode.BadRequest, "GENERAL"), (all.StatusCode, await CodeAsync(all)));
        Assert.Contains("TEAL9406", await all.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Pages_of_the_named_origins_may_read_and_no_others()
    {
        await using var server = await FlagServer.StartAsync(origins: ["https://shop.example", "https://m.shop.example"]);
        server.Show(FlagServer.Sample);
        using var client = Client(server);
        using var preflight = await PreflightAsync(client, "https://m.shop.example");
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal("https://m.shop.example", preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("if-none-match", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));
        using var foreign = await PreflightAsync(client, "https://evil.example");
        Assert.False(foreign.Headers.Contains("Access-Control-Allow-Origin"));
        client.DefaultRequestHeaders.Add("Origin", "https://shop.example");
        using var answer = await PostAsync(client, "/ofrep/v1/evaluate/flags", Gold);
        Assert.Equal("https://shop.example", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("etag", answer.Headers.GetValues("Access-Control-Expose-Headers").Single());
        Assert.Contains("Origin", answer.Headers.Vary);
    }

    private static string Context(string members) => "{\"context\":{" + members + "}}";

    private static HttpClient Client(FlagServer server)
    {
        var client = new HttpClient { BaseAddress = server.Ofrep };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key());
        return client;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string body) =>
        client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task<(HttpStatusCode, string?)> RefusalAsync(
        HttpClient client,
        byte[] body,
        string type = "application/json",
        bool isChunked = false
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ofrep/v1/evaluate/flags/headline");
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.TransferEncodingChunked = isChunked;
        request.Headers.ExpectContinue = true;
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await CodeAsync(answer));
    }

    private static async Task<string> TagAsync(HttpClient client, string body)
    {
        using var answer = await PostAsync(client, "/ofrep/v1/evaluate/flags", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Headers.ETag!.ToString();
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string body, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ofrep/v1/evaluate/flags");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        using var answer = await client.SendAsync(request);
        Assert.NotNull(answer.Headers.ETag);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> PreflightAsync(HttpClient client, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/ofrep/v1/evaluate/flags");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,if-none-match");
        return await client.SendAsync(request);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return json.RootElement.Clone();
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        (await JsonAsync(answer)).GetProperty("errorCode").GetString();

    private static async Task<string?> ProblemAsync(HttpResponseMessage answer) =>
        (await JsonAsync(answer)).GetProperty("code").GetString();

    private static void AssertJson(string expected, string actual)
    {
        using var left = JsonDocument.Parse(expected);
        using var right = JsonDocument.Parse(actual);
        Assert.True(JsonElement.DeepEquals(left.RootElement, right.RootElement), actual);
    }
}
