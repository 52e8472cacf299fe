using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Teal.Tests.Real.EndToEnd;

namespace Teal.Tests.Real.Flags;

/// <summary>The whole server with its ports for flags, set up from the command line.</summary>
public sealed class FlagServingTests
{
    [Fact]
    public async Task The_server_says_where_it_serves_flags_and_answers_a_key_there()
    {
        await using var teal = await TealProcess.StartAsync(["--flags", "http://127.0.0.1:0", "--flagd", "127.0.0.1:0"]);
        var greeting = await Eventually.ReturnsAsync(
            () =>
                Task.FromResult(
                    Regex.Match(teal.ServerOutput(), @"flags +(http://\S+) +(http://\S+)") is { Success: true } said ? said : null
                ),
            "the addresses",
            teal.ServerOutput
        );
        var created = await teal.TealAsync("token", "create", "web", "--role", "sdk", "--environment", "production");
        Assert.True(created.ExitCode == 0, created.ToString());
        var key = Regex.Match(created.Output, "teal_[A-Za-z0-9_-]+").Value;
        using var client = new HttpClient { BaseAddress = new Uri(greeting.Groups[1].Value) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await PostAsync(client, "/ofrep/v1/evaluate/flags/nothing-here");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("FLAG_NOT_FOUND", await answer.Content.ReadAsStringAsync());
        // The owner, on the socket, needs none.
        using var owner = await PostAsync(teal.Api, "/ofrep/v1/evaluate/flags/nothing-here");
        Assert.Equal(HttpStatusCode.NotFound, owner.StatusCode);

        var listed = await teal.TealAsync("token", "list");
        Assert.Contains("web  sdk  flags of production", listed.Output, StringComparison.Ordinal);
        var again = await teal.TealAsync("token", "create", "web", "--role", "sdk", "--environment", "production");
        Assert.Contains("TEAL9403", again.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await teal.TealAsync("token", "revoke", "web")).ExitCode);
        using var revoked = await PostAsync(client, "/ofrep/v1/evaluate/flags/nothing-here");
        Assert.Equal(HttpStatusCode.Unauthorized, revoked.StatusCode);
    }

    [Theory]
    [InlineData("TEAL9401", "token", "create", "web", "--role", "sdk")]
    [InlineData("TEAL9401", "token", "create", "web", "--role", "page")]
    [InlineData("TEAL9401", "token", "create", "web", "--role", "viewer", "--environment", "production")]
    [InlineData("TEAL9401", "token", "create", "web", "--role", "sdk", "--environment", "Not A Name")]
    [InlineData("TEAL9402", "token", "create", "../web", "--role", "sdk", "--environment", "production")]
    public async Task A_key_that_makes_no_sense_is_not_made(string code, params string[] command)
    {
        await using var teal = await TealProcess.StartAsync();
        var refused = await teal.TealAsync(command);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(code, refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TEAL9417", "--flagd", "0.0.0.0:8015")]
    [InlineData("TEAL9416", "--flagd", "nowhere")]
    [InlineData("TEAL9416", "--flags", "https://127.0.0.1:8016")]
    [InlineData("TEAL9418", "--flags", "http://127.0.0.1:0", "--flags-origin", "shop.example")]
    public async Task An_address_that_flags_are_not_served_at_is_refused_before_anything_starts(string code, params string[] options)
    {
        await using var teal = TealProcess.AtRest();
        var refused = await teal.RefusedServerAsync(options);
        Assert.True(refused.ExitCode == 2, refused.ToString());
        Assert.Contains(code, refused.Error, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string path)
    {
        using var content = new StringContent("""{"context":{}}""", Encoding.UTF8, "application/json");
        return await client.PostAsync(path, content);
    }
}
