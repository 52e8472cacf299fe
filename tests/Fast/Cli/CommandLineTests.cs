using Teal.Cli;
using Teal.Server;

namespace Teal.Tests.Fast.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("init --force")]
    [InlineData("plan v2 --from out --exit-on-change")]
    [InlineData("deploy")]
    [InlineData("deploy v2 --from out --supersede --plan-less --detach")]
    [InlineData("deploy v2 --no-wait --timeout 1h30m -y --reason because")]
    [InlineData("status -s shop -o json")]
    [InlineData("watch")]
    [InlineData("promote --force")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("rollback v1")]
    [InlineData("abort")]
    [InlineData("logs --slot green -n 5 -f")]
    [InlineData("history --limit 3 -v")]
    [InlineData("audit --after 12 --limit 7")]
    [InlineData("doctor")]
    [InlineData("flag rollout checkout on --steps 1%,100% --hold 10m --guard error_rate:+0.5% --on-breach previous -e staging")]
    [InlineData("flag rollout checkout")]
    [InlineData("flag rollout pause checkout")]
    [InlineData("flag rollout resume checkout -e staging")]
    [InlineData("flag rollout promote checkout --force")]
    [InlineData("flag rollout stop checkout --reason because")]
    [InlineData("proxy routes")]
    [InlineData("proxy hold")]
    [InlineData("proxy release")]
    [InlineData("proxy maintenance")]
    [InlineData("server run --listen http://*:80 --listen http://*:81 --admin http://127.0.0.1:9900")]
    [InlineData("server backup file --force")]
    [InlineData("server restore file")]
    [InlineData("token create --role viewer --expires 90d -s shop")]
    [InlineData("token list")]
    [InlineData("token revoke t-1")]
    [InlineData("config validate -C other.yaml -e staging")]
    [InlineData("config show")]
    [InlineData("config schema")]
    [InlineData("completion bash")]
    public void Every_verb_parses(string line) => Assert.Empty(new TealCommand(new CliRun().Around).Parse(line.Split(' ')).Errors);

    [Theory]
    [InlineData("deploy", "teal deploy v2 --from ./out")]
    [InlineData("deploy v1 --help", "teal deploy v2 --from ./out")]
    [InlineData("deploy v1 extra --nonsense --help", "teal deploy v2 --from ./out")]
    [InlineData("deploy --from --help", "teal deploy v2 --from ./out")]
    [InlineData("rollback -h", "the version that is still running")]
    [InlineData("proxy hold --help", "requests wait")]
    public async Task Help_always_wins_and_shows_examples(string line, string example)
    {
        var run = await CliRun.OfAsync([.. line.Split(' '), "--help"]);
        Assert.Equal(0, run.Exit);
        Assert.Contains(
            example.Replace("the version that is still running", "which is still running", StringComparison.Ordinal),
            run.Output
        );
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData("deply", "TEAL7002", "Did you mean deploy?")]
    [InlineData("deploy --suprsede", "TEAL7002", "Did you mean --supersede?")]
    [InlineData("status --outptu json", "TEAL7002", "Did you mean --output?")]
    [InlineData("status extra", "TEAL7002", "\"extra\" is not known here")]
    [InlineData("proxy", "TEAL7002", "teal proxy --help")]
    [InlineData("deploy --from", "TEAL7002", "--from")]
    [InlineData("deploy @file v2", "TEAL7002", "\"v2\" is not known here")]
    [InlineData("deploy @file", "TEAL1401", "\"@file\"")]
    [InlineData("deploy ..", "TEAL1401", "name of a version")]
    [InlineData("deploy v/2", "TEAL1401", "name of a version")]
    [InlineData("rollback ü", "TEAL1401", "name of a version")]
    [InlineData("deploy v1 --supersede --no-wait", "TEAL7003", "--supersede")]
    [InlineData("status -o xml", "TEAL7003", "text, json or ndjson")]
    [InlineData("status --timeout 5", "TEAL7003", "with its unit")]
    [InlineData("status --timeout -1s", "TEAL7003", "with its unit")]
    [InlineData("status --timeout 0s", "TEAL7003", "with its unit")]
    [InlineData("status -s ../etc", "TEAL7003", "lower-case letters")]
    [InlineData("status -s Shop", "TEAL7003", "lower-case letters")]
    [InlineData("status --server ftp://x", "TEAL7004", "not the address")]
    [InlineData("status --server http://me:secret@host", "TEAL7004", "not the address")]
    [InlineData("status --server http://host/path", "TEAL7004", "not the address")]
    [InlineData("status --server unix:", "TEAL7004", "not the address")]
    [InlineData("watch", "TEAL7010", "--service")]
    [InlineData("deploy v1", "TEAL7011", "teal init")]
    [InlineData("config validate -C missing.yaml", "TEAL7011", "missing.yaml")]
    [InlineData("logs -s shop --slot red", "TEAL7003", "blue or green")]
    [InlineData("logs -s shop -n 0", "TEAL7003", "from 1 to 10000")]
    [InlineData("logs -s shop -f -o json", "TEAL7003", "ndjson")]
    [InlineData("history -s shop --limit ten", "TEAL7003", "from 1 to 100")]
    [InlineData("audit -s shop --after -3", "TEAL7003", "whole number")]
    [InlineData("token create", "TEAL7002", "--role")]
    [InlineData("token create --role king", "TEAL7003", "viewer, operator, admin, preview, page or sdk")]
    [InlineData("token create --role viewer --expires soon", "TEAL7003", "with its unit")]
    [InlineData("token revoke ..", "TEAL7003", "teal token list")]
    [InlineData("server run --listen 8080", "TEAL7003", "write a URL")]
    [InlineData("server run --admin unix:/x", "TEAL7003", "write a URL")]
    [InlineData("server restore /nowhere/at/all", "TEAL7023", "no file")]
    [InlineData("completion powershell", "TEAL7003", "bash, zsh or fish")]
    public async Task What_is_wrong_says_why_and_sends_nothing(string line, string code, string words)
    {
        var run = await CliRun.OfAsync(line.Split(' '));
        Assert.Equal(2, run.Exit);
        Assert.StartsWith(code, run.Error);
        Assert.Contains(words, run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_socket_path_that_no_system_takes_is_refused()
    {
        var run = await CliRun.OfAsync("status", "--server", "unix:/" + new string('x', 120));
        Assert.Equal(2, run.Exit);
        Assert.StartsWith("TEAL7004", run.Error);
    }

    [Fact]
    public async Task Without_a_verb_the_help_is_shown_and_the_exit_code_says_usage()
    {
        var run = await CliRun.OfAsync();
        Assert.Equal(2, run.Exit);
        Assert.Contains("Exit codes:", run.Output);
    }

    [Theory]
    [InlineData("TEAL_OUTPUT", "xml")]
    [InlineData("TEAL_TIMEOUT", "5")]
    [InlineData("TEAL_YES", "perhaps")]
    [InlineData("TEAL_DETACH", "2")]
    public async Task A_wrong_variable_is_as_wrong_as_an_option(string variable, string value)
    {
        var run = await new CliRun { Variables = { [variable] = value } }.RunAsync("status", "-s", "shop");
        Assert.Equal(2, run.Exit);
        Assert.StartsWith("TEAL7003", run.Error);
    }

    [Fact]
    public async Task A_failure_is_one_object_when_json_was_asked_for()
    {
        var run = await new CliRun { Variables = { ["TEAL_OUTPUT"] = "json" } }.RunAsync("watch");
        using var document = System.Text.Json.JsonDocument.Parse(run.Output);
        Assert.Equal(2, run.Exit);
        Assert.Equal("TEAL7010", document.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(2, document.RootElement.GetProperty("exit_code").GetInt32());
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task An_unexpected_failure_is_one_line_and_its_trace_needs_asking()
    {
        var seams = Seams.Built() with { ManifestSchema = () => throw new InvalidOperationException("boom \u001b[2J") };
        var brief = await new CliRun { Seams = seams }.RunAsync("config", "schema");
        var verbose = await new CliRun { Seams = seams }.RunAsync("config", "schema", "-v");
        Assert.Equal(1, brief.Exit);
        Assert.StartsWith(@"TEAL7001  Something in teal itself failed: boom \e[2J", brief.Error);
        Assert.DoesNotContain("   at ", brief.Error);
        Assert.Contains("   at ", verbose.Error);
    }

    [Theory]
    [InlineData("teal dep", "deploy")]
    [InlineData("teal deploy --sup", "--supersede")]
    [InlineData("teal proxy m", "maintenance")]
    [InlineData("teal token create --role v", "viewer")]
    public async Task The_shell_can_ask_what_comes_next(string line, string expected)
    {
        var run = await CliRun.OfAsync($"[suggest:{line.Length}]", line);
        Assert.Equal(0, run.Exit);
        Assert.Contains(expected, run.Output.Split('\n').Select(word => word.Trim()));
    }

    [Fact]
    public async Task The_server_gets_what_was_said()
    {
        ServerOptions? started = null;
        var run = new CliRun
        {
            Variables = { ["TEAL_HOME"] = "/state" },
            Seams = Seams.Built() with
            {
                RunServer = (start, _, _) =>
                {
                    started = start;
                    return Task.CompletedTask;
                },
            },
        };
        await run.RunAsync("server", "run", "--listen", "http://*:80", "--admin", "http://127.0.0.1:9900");
        Assert.Equal(0, run.Exit);
        Assert.Equal(("/state", "http://*:80", "http://127.0.0.1:9900"), (started!.Home, Assert.Single(started.Listen), started.Admin));
    }

    [Fact]
    public async Task What_the_library_says_by_itself_reaches_the_output_too()
    {
        using var pipe = new MemoryStream();
        // Buffers, as the process's own output does.
        await using var output = new StreamWriter(pipe);
        var teal = new TealCommand(new CliRun().Around with { Output = output });
        Assert.Equal(0, await teal.RunAsync(["--version"], TestContext.Current.CancellationToken));
        Assert.Matches(@"^[0-9]+\.", System.Text.Encoding.UTF8.GetString(pipe.ToArray()));
    }
}
