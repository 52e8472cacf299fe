using Microsoft.AspNetCore.Http;
using Teal.Client;
using Teal.Tests.Real.EndToEnd;

namespace Teal.Tests.Real.Client;

/// <summary>Whatever answers: the last good flags stay in force, and the status says what happened.</summary>
public sealed class HostileServerTests
{
    [Theory]
    [InlineData("data: \u0000\u0001\n\n\n\nevent: flags\ndata: {\n\n", "TEAL9452")]
    [InlineData("event: flags\ndata: null\n\n", "TEAL9452")]
    [InlineData(
        "event: flags\ndata: {\"version\":2,\"connection\":1,\"environment\":\"p\",\"revision\":9,\"document\":{}}\n\n",
        "TEAL9452"
    )]
    [InlineData(
        "event: flags\ndata: {\"version\":1,\"connection\":1,\"environment\":\"p\",\"revision\":-9,\"document\":{}}\n\n",
        "TEAL9452"
    )]
    [InlineData("event: flags\ndata: {\"version\":1,\"connection\":1,\"environment\":\"p\",\"revision\":9}\n\n", "TEAL9452")]
    [InlineData(
        "event: flags\ndata: {\"version\":1,\"connection\":1,\"environment\":\"p\",\"revision\":9,\"document\":{\"flags\":{\"x\":{}}}}\n\n",
        "TEAL9453"
    )]
    public async Task A_bad_message_changes_nothing_is_told_and_not_acknowledged(string bad, string code)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Stream = async (context, _) =>
        {
            await ScriptedServer.SendAsync(context, ScriptedServer.Message(ScriptedServer.Headline("Hello"), 7) + bad);
            await ScriptedServer.HoldAsync(context);
        };
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        var status = await client.WhenAsync(status => status.LastError is not null, "the complaint");
        Assert.StartsWith(code, status.LastError, StringComparison.Ordinal);
        Assert.Equal((TealClientState.Stale, 7L), (status.State, status.Revision));
        Assert.Equal("Hello", client.GetString("headline", "?"));
        await Eventually.ReturnsAsync(() => Task.FromResult(server.Heard.IsEmpty ? null : server), "the acknowledgement");
        Assert.All(server.Heard, heard => Assert.Equal(7, heard.Revision));
    }

    [Fact]
    public async Task A_good_message_after_a_bad_one_is_in_force()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Stream = async (context, _) =>
        {
            await ScriptedServer.SendAsync(
                context,
                "event: later\ndata: {}\n\nevent: flags\ndata: {\n\n" + ScriptedServer.Message(ScriptedServer.Headline("Hello"), 7)
            );
            await ScriptedServer.HoldAsync(context);
        };
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        await client.LiveAsync(7);
        Assert.StartsWith("TEAL9452", client.Status.LastError, StringComparison.Ordinal);
        Assert.Equal("Hello", client.GetString("headline", "?"));
    }

    [Fact]
    public async Task A_revision_does_not_go_back_within_a_stream_and_may_after_it()
    {
        await using var server = await ScriptedServer.StartAsync();
        var next = new TaskCompletionSource();
        server.Stream = async (context, connection) =>
        {
            if (connection == 1)
            {
                await ScriptedServer.SendAsync(context, ScriptedServer.Message(ScriptedServer.Headline("New"), 7));
                await ScriptedServer.SendAsync(context, ScriptedServer.Message(ScriptedServer.Headline("Old"), 6));
                await next.Task;
                return;
            }
            // A server that was restored from a backup.
            await ScriptedServer.SendAsync(context, ScriptedServer.Message(ScriptedServer.Headline("Restored"), 3));
            await ScriptedServer.HoldAsync(context);
        };
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        await client.WhenAsync(
            status => status.LastError?.Contains("revision 6 came after 7", StringComparison.Ordinal) == true,
            "the word"
        );
        Assert.Equal("New", client.GetString("headline", "?"));
        next.SetResult();
        await client.LiveAsync(3);
        Assert.Equal("Restored", client.GetString("headline", "?"));
    }

    [Fact]
    public async Task A_message_without_end_is_left_and_the_memory_with_it()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Stream = async (context, connection) =>
        {
            if (connection == 1)
            {
                await ScriptedServer.SendAsync(context, "event: flags\ndata: ");
                var piece = new string('x', 1 << 20);
                // The client hangs up before the last of it.
                for (var sent = 0; sent < 64 && !context.RequestAborted.IsCancellationRequested; sent++)
                {
                    await ScriptedServer.SendAsync(context, piece);
                }
                return;
            }
            await ScriptedServer.SendAsync(context, ScriptedServer.Message(ScriptedServer.Headline("Hello"), 7));
            await ScriptedServer.HoldAsync(context);
        };
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        await client.LiveAsync(7);
        Assert.StartsWith("TEAL9452", client.Status.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_is_no_stream_is_not_read_as_one_and_a_redirect_is_not_followed()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Stream = async (context, connection) =>
        {
            if (connection == 1)
            {
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync(ScriptedServer.Message(ScriptedServer.Headline("Page"), 9));
                return;
            }
            context.Response.Redirect("http://127.0.0.1:1/elsewhere");
        };
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        await client.WhenAsync(status => status.LastError?.Contains("302", StringComparison.Ordinal) == true, "the redirect's refusal");
        Assert.Equal(TealClientState.Starting, client.Status.State);
    }

    [Fact]
    public async Task A_server_that_asks_for_time_is_given_it()
    {
        await using var server = await ScriptedServer.StartAsync();
        var times = new List<long>();
        server.Stream = async (context, connection) =>
        {
            times.Add(TimeProvider.System.GetTimestamp());
            if (connection == 1)
            {
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = "2";
                return;
            }
            await ScriptedServer.SendAsync(context, ScriptedServer.Message(ScriptedServer.Headline("Hello"), 7));
            await ScriptedServer.HoldAsync(context);
        };
        await using var client = ClientFacts.Start(server.Address, "teal_key");
        await client.LiveAsync(7);
        // Without it: half a second at most.
        Assert.True(TimeProvider.System.GetElapsedTime(times[0], times[1]) >= TimeSpan.FromSeconds(1.9));
    }
}
