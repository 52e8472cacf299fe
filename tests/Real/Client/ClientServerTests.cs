using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Teal.Client;
using Teal.Flags;
using Teal.Tests.Real.EndToEnd;
using Teal.Wire;

namespace Teal.Tests.Real.Client;

/// <summary>The client, the whole server and the command line, as in an incident.</summary>
public sealed class ClientServerTests
{
    [Fact]
    public async Task A_kill_reaches_the_client_and_names_who_does_not_say_so()
    {
        using var port = new ReservedPort();
        await using var teal = await StartAsync(port);
        var key = await KeyAsync(teal);
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await DoneAsync(teal, "flag", "set", "checkout", "on");
        await using var client = ClientFacts.Start(port.Address, key);
        await client.WhenAsync(_ => client.GetBoolean("checkout", false, User), "the flag");
        var killed = await DoneAsync(teal, "flag", "kill", "checkout");
        // It has acknowledged when the command returns: it evaluates by it already.
        Assert.False(client.GetBoolean("checkout", false, User));
        Assert.DoesNotContain("shop-web", killed.Output, StringComparison.Ordinal);

        await DoneAsync(teal, "flag", "revive", "checkout");
        using var mute = new HttpClient { BaseAddress = port.Address };
        mute.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        mute.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "Teal.Client/0.1.0 mute-one");
        using var stream = await mute.GetAsync("client/v1/flags", HttpCompletionOption.ResponseHeadersRead);
        var named = await teal.TealAsync("flag", "kill", "checkout");
        Assert.Contains("mute-one", named.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("shop-web", named.ToString(), StringComparison.Ordinal);
        var clients = await DoneAsync(teal, "flag", "clients");
        Assert.Matches("Teal.Client/[0-9.]+ shop-web", clients.Output);
    }

    [Fact]
    public async Task A_server_that_dies_is_waited_for_and_what_changed_meanwhile_arrives()
    {
        using var port = new ReservedPort();
        await using var teal = await StartAsync(port);
        var key = await KeyAsync(teal);
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await DoneAsync(teal, "flag", "set", "checkout", "on");
        var kept = Path.Combine(teal.Root, "kept", "flags.json");
        await using (var client = ClientFacts.Start(port.Address, key, options => options.CacheFile = kept))
        {
            await client.WhenAsync(_ => client.GetBoolean("checkout", false, User), "the flag");
            await teal.KillServerAsync();
            var stale = await client.WhenAsync(status => status.State == TealClientState.Stale, "the loss");
            Assert.NotNull(stale.StaleSince);
            Assert.True(client.GetBoolean("checkout", false, User));
            await Eventually.ReturnsAsync(() => Task.FromResult(File.Exists(kept) ? kept : null), "the file");
        }
        Assert.DoesNotContain(key, await File.ReadAllTextAsync(kept), StringComparison.Ordinal);

        await using var again = ClientFacts.Start(port.Address, key, options => options.CacheFile = kept);
        await again.WaitUntilReadyAsync();
        Assert.Equal(TealClientState.FromDisk, again.Status.State);
        Assert.True(again.GetBoolean("checkout", false, User));
        await teal.RunServerAsync();
        await again.WhenAsync(status => status.State == TealClientState.Live, "the server");
        await DoneAsync(teal, "flag", "set", "checkout", "off");
        await again.WhenAsync(_ => !again.GetBoolean("checkout", true, User), "the change");
    }

    [Fact]
    public async Task It_gives_what_flag_eval_says_for_random_users()
    {
        using var port = new ReservedPort();
        await using var teal = await StartAsync(port);
        await DoneAsync(teal, "flag", "create", "checkout", "--owner", "shop");
        await DoneAsync(teal, "flag", "set", "checkout", "on", "--share", "37%");
        await using var client = ClientFacts.Start(port.Address, await KeyAsync(teal));
        await client.WaitUntilReadyAsync();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var variants = new HashSet<string?>();
        for (var run = 0; run < 200; run++)
        {
            var user = $"user-{random.Next()}";
            var context = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["targetingKey"] = user });
            using var content = JsonContent.Create(
                new FlagEvalRequest("checkout", context, "production"),
                WireJson.Default.FlagEvalRequest
            );
            await content.LoadIntoBufferAsync();
            using var answer = await teal.Api.PostAsync("/api/v1/flags/eval", content);
            var explained = (await answer.Content.ReadFromJsonAsync(WireJson.Default.FlagEvalView))!;
            var given = client.GetBooleanDetails("checkout", false, EvaluationContext.Of(user));
            Assert.True((explained.Variant, explained.Reason) == (given.Variant, given.Reason), $"seed {seed}: {user}");
            variants.Add(given.Variant);
        }
        Assert.Equal(["off", "on"], variants.Order());
    }

    [Fact]
    public async Task A_broken_file_is_said_and_passed_over_and_written_anew()
    {
        using var port = new ReservedPort();
        await using var teal = await StartAsync(port);
        var kept = Path.Combine(teal.Root, "flags.json");
        await File.WriteAllTextAsync(kept, "{\"version\":1");
        await using var client = ClientFacts.Start(port.Address, await KeyAsync(teal), options => options.CacheFile = kept);
        await client.WaitUntilReadyAsync();
        Assert.Equal(TealClientState.Live, client.Status.State);
        Assert.StartsWith("TEAL9455", client.Status.LastError, StringComparison.Ordinal);
        await Eventually.ReturnsAsync(
            () => Task.FromResult(KeptFlags.TryRead(File.ReadAllBytes(kept), out var served, out _) ? served : null),
            "the file"
        );
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        Assert.Empty(Directory.GetFiles(teal.Root, "*.new"));
    }

    private static EvaluationContext User { get; } = EvaluationContext.Of("u1");

    private static Task<TealProcess> StartAsync(ReservedPort port) =>
        TealProcess.StartAsync(["--flags", $"http://127.0.0.1:{port.Number}"]);

    private static async Task<string> KeyAsync(TealProcess teal)
    {
        var created = await DoneAsync(teal, "token", "create", "web", "--role", "sdk", "--environment", "production");
        return Regex.Match(created.Output, "teal_[A-Za-z0-9_-]+").Value;
    }

    private static async Task<CliResult> DoneAsync(TealProcess teal, params string[] command)
    {
        var done = await teal.TealAsync(command);
        Assert.True(done.ExitCode == 0, done.ToString());
        return done;
    }
}
