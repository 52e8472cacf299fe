using Teal.Analysis;
using Teal.Flags;
using Teal.Releases;

namespace Teal.Tests.Fast.Manifests;

public sealed class ManifestReaderTests
{
    [Fact]
    public void Every_key_of_the_example_is_read()
    {
        var manifest = Sample.Good(Sample.Whole);

        Assert.Equal("shop", manifest.Service);
        Assert.Equal(["dotnet", "Shop.dll"], manifest.Run.Command);
        Assert.Equal(2, manifest.Run.Instances);
        Assert.Equal("env:SHOP_DB", manifest.Run.Env["DATABASE_URL"]);
        Assert.Equal(new RouteSection { Host = "shop.example.com" }, Assert.Single(manifest.Routes));
        Assert.Equal(3, manifest.Health.Rise);
        Assert.Equal(["/", "/cart"], manifest.Release.WarmUp?.Paths);
        Assert.Equal([new Share(500), new Share(2500), Share.All], manifest.Release.Steps.Select(step => step.Share));
        Assert.Equal(TimeSpan.FromMinutes(5), manifest.Release.Steps[1].Hold);
        Assert.Equal(["header:x-tester=yes"], manifest.Release.Target);
        Assert.Equal(
            [
                new Guard(GuardMetric.ErrorRate, GuardLimit.MaxIncrease, 0.005),
                new Guard(GuardMetric.LatencyP99, GuardLimit.MaxRatio, 1.3),
                new Guard(GuardMetric.Cpu, GuardLimit.Max, 90),
                new Guard(GuardMetric.Memory, GuardLimit.Max, 512L << 20),
                new Guard(GuardMetric.LatencyP50, GuardLimit.Max, 250),
            ],
            manifest.Release.Guard
        );
        Assert.Equal(BreachAction.Pause, manifest.Release.OnBreach);
        Assert.Equal(10_000_000, manifest.Limits.Body);
        Assert.Equal(TimeSpan.FromSeconds(90), manifest.Limits.Answer);
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var manifest = Sample.Good(Sample.Least);
        Assert.Equal(new HealthSection(), manifest.Health);
        Assert.Equal(new LimitsSection(), manifest.Limits);
        Assert.Equal(Share.All, Assert.Single(manifest.Release.Steps).Share);
        Assert.Equal(TimeSpan.FromHours(1), manifest.Release.KeepPrevious);
        Assert.Equal(2, manifest.Release.Guard.Count);
    }

    [Fact]
    public void An_environment_is_laid_over_the_base_key_by_key()
    {
        var manifest = Sample.Good(Sample.Whole, "staging");
        Assert.Equal("stg.example.com", Assert.Single(manifest.Routes).Host);
        Assert.Equal(1, manifest.Run.Instances);
        Assert.Equal(["dotnet", "Shop.dll"], manifest.Run.Command);
        Assert.Equal(["staging"], Sample.Read(Sample.Whole).Environments);
    }

    [Fact]
    public void An_unknown_environment_lists_the_known_ones() =>
        Assert.Equal(
            "teal.yaml:32:1: the file has no environment 'stagin'; it has staging (did you mean 'staging'?)",
            Sample.Errors(Sample.Whole, "stagin")
        );

    [Fact]
    public void Each_environment_is_checked_when_none_is_chosen()
    {
        var text = Sample.Least + "environments:\n  live: { run: { instances: 99 } }\n";
        Assert.Equal("teal.yaml:4:29: 'run.instances' cannot be '99'; it takes 1 to 32", Sample.Errors(text));
    }

    [Fact]
    public void All_errors_are_said_at_once_in_the_order_of_their_lines()
    {
        var errors = Sample.Read("service: Shop\nrun: { command: [], instances: 0 }\nrelase: {}\nhealth: { every: 5 }\n").Errors;
        Assert.Equal([1, 2, 2, 3, 4], errors.Select(error => error.Line));
    }

    [Fact]
    public void Byte_order_mark_and_carriage_returns_change_nothing() =>
        Assert.Equal("shop", Sample.Good("\uFEFF" + Sample.Least.Replace("\n", "\r\n")).Service);

    [Fact]
    public void A_few_anchors_are_taken()
    {
        var manifest = Sample.Good("service: shop\nrun: { command: [./shop], stop_timeout: &t 5s }\nrelease: { drain: *t }\n");
        Assert.Equal(TimeSpan.FromSeconds(5), manifest.Release.Drain);
    }

    [Theory]
    [InlineData("relase: {}", "TEAL2005", "3:1: unknown key 'relase' (did you mean 'release'?)")]
    [InlineData("instances: 2", "TEAL2005", "3:1: unknown key 'instances'; it belongs under 'run'")]
    [InlineData("health: { evry: 1s }", "TEAL2005", "3:11: unknown key 'evry' (did you mean 'every'?)")]
    [InlineData("service: two", "TEAL2004", "3:1: the key 'service' stands here a second time; the first is in line 1")]
    [InlineData(
        "health: { every: 5 }",
        "TEAL2008",
        "3:18: 'health.every' wants a duration with its unit, like 100ms, 30s, 1m30s or 1h, and '5' stands here (did you mean '5s'?)"
    )]
    [InlineData("health: { rise: NO }", "TEAL2008", "3:17: 'health.rise' wants a whole number without quotes, and 'NO' stands here")]
    [InlineData(
        "health: { rise: 012 }",
        "TEAL2008",
        "3:17: 'health.rise' wants a whole number without quotes, and '012' stands here (did you mean '12'?)"
    )]
    [InlineData(
        "health: { every: 22:30 }",
        "TEAL2008",
        "3:18: 'health.every' wants a duration with its unit, like 100ms, 30s, 1m30s or 1h, and '22:30' stands here"
    )]
    [InlineData(
        "health: { rise: '2' }",
        "TEAL2008",
        "3:17: 'health.rise' wants a whole number without quotes, and the text '2' stands here (did you mean '2'?)"
    )]
    [InlineData("health: { rise: 21 }", "TEAL2010", "3:17: 'health.rise' cannot be '21'; it takes 1 to 20")]
    [InlineData(
        "health: { path: healthz }",
        "TEAL2009",
        "3:17: 'health.path' cannot be 'healthz': wanted is a path that begins with '/', without '#' or spaces (did you mean '/healthz'?)"
    )]
    [InlineData("health: { path: /a/../b }", "TEAL2009", "3:17: 'health.path' cannot be '/a/../b': '.' and '..' may not stand in a path")]
    [InlineData("health:", "TEAL2008", "3:8: 'health' wants a group of keys, and nothing stands here")]
    [InlineData("health: []", "TEAL2008", "3:9: 'health' wants a group of keys, and a list stands here")]
    [InlineData(
        "limits: { body: 10 }",
        "TEAL2008",
        "3:17: 'limits.body' wants a size with its unit, like 10MB or 1GiB, and '10' stands here (did you mean '10B'?)"
    )]
    [InlineData(
        "limits: { body: 10mb }",
        "TEAL2008",
        "3:17: 'limits.body' wants a size with its unit, like 10MB or 1GiB, and '10mb' stands here (did you mean '10MB'?)"
    )]
    [InlineData("routes: [ { host: 'Shop.example.com' } ]", "TEAL2009", "(did you mean 'shop.example.com'?)")]
    [InlineData("routes: [ { host: 'shop.example.com:80' } ]", "TEAL2009", "(did you mean 'shop.example.com'?)")]
    [InlineData("routes: [ { path: '' } ]", "TEAL2009", "a path that begins with '/'")]
    [InlineData("routes: [ { path: /a }, { path: /a/ } ]", "TEAL2011", "3:25: the route */a/ stands here a second time")]
    [InlineData(
        "release: { on_breach: roll_back }",
        "TEAL2008",
        "3:23: 'release.on_breach' wants one of rollback, pause, and 'roll_back' stands here (did you mean 'rollback'?)"
    )]
    [InlineData("release: { smoke: ./smoke.sh now }", "TEAL2013", "no shell reads it")]
    [InlineData("release: { smoke: [../smoke.sh] }", "TEAL2011", "climbs out of the folder")]
    [InlineData("release: { steps: [ { share: 5 } ] }", "TEAL2008", "(did you mean '5%'?)")]
    [InlineData(
        "release: { steps: [ { share: 5% } ] }",
        "TEAL2011",
        "3:21: the last step has a share of 5%; without 100% the release never ends (did you mean '{ share: 100% }'?)"
    )]
    [InlineData(
        "release: { steps: [ { share: 5% }, { share: 5% }, { share: 100% } ] }",
        "TEAL2011",
        "3:45: shares rise from step to step, and 5% follows 5%"
    )]
    [InlineData("release: { steps: [ { share: 0% }, { share: 100% } ] }", "TEAL2011", "a step of 0% needs a 'target'")]
    [InlineData("release: { steps: [ { hold: 1s } ] }", "TEAL2007", "3:21: 'release.steps[0]' lacks the key 'share'")]
    [InlineData(
        "release: { steps: [ { share: 100%, hold: 8d } ] }",
        "TEAL2010",
        "'release.steps[0].hold' cannot be '8d'; it takes 0s to 7d"
    )]
    [InlineData("release: { target: segment:Internal }", "TEAL2009", "wanted is segment:NAME, header:NAME=VALUE")]
    [InlineData("release: { cohort: same-as checkout }", "TEAL2009", "wanted is same-as flag:KEY or disjoint-from flag:KEY")]
    [InlineData("release: { cohort: { with: disjoint-from release:shop } }", "TEAL2009", "wanted is same-as flag:KEY")]
    [InlineData(
        "release: { target: header:x }",
        "TEAL2009",
        "wanted is segment:NAME, header:NAME=VALUE, cookie:NAME=VALUE or address:CIDR"
    )]
    [InlineData("release: { target: address:10.0.0.300/8 }", "TEAL2009", "no such address range")]
    [InlineData("release: { cohort: { by: [] } }", "TEAL2010", "'release.cohort.by' has 0 entries; it takes 1 to 8")]
    [InlineData("release: { cohort: { by: [user] } }", "TEAL2009", "wanted is header:NAME, cookie:NAME or address")]
    [InlineData("release: { preview: '0.0.0.0:80' }", "TEAL2009", "an address on loopback")]
    [InlineData("release: { guard: [ { metric: error_rat, max: 1% } ] }", "TEAL2008", "(did you mean 'error_rate'?)")]
    [InlineData(
        "release: { guard: [ { metric: error_rate, max_ratio: 2 } ] }",
        "TEAL2011",
        "'error_rate' cannot be limited by 'max_ratio'; it takes max_increase: 0.5% or max: 1%"
    )]
    [InlineData(
        "release: { guard: [ { metric: error_rate, max: 0.5 } ] }",
        "TEAL2008",
        "wants a percentage from 0% to 100%, like 1%, and '0.5' stands here"
    )]
    [InlineData(
        "release: { guard: [ { metric: latency_p99, max: 250 } ] }",
        "TEAL2008",
        "wants a duration from 1ms to 1h, like 250ms, and '250' stands here"
    )]
    [InlineData("release: { guard: [ { metric: latency_p99, max_ratio: 1.3x } ] }", "TEAL2008", "wants a plain number from 1 to 100")]
    [InlineData("release: { guard: [ { metric: memory, max: 90% } ] }", "TEAL2008", "wants a size of at least 1MB")]
    [InlineData("release: { guard: [ { metric: cpu } ] }", "TEAL2011", "exactly one of max_increase, max_ratio, max")]
    [InlineData(
        "release: { guard: [ { prometheus: up, min_ratio: 0.8 } ] }",
        "TEAL2006",
        "'guard.prometheus' is not in this version: guards on Prometheus queries come later"
    )]
    [InlineData("database: { url: x }", "TEAL2006", "3:1: 'database' is not in this version: migrations come later")]
    [InlineData("flags: { file: flags.yaml }", "TEAL2006", "'flags.file' is not in this version")]
    [InlineData(
        "notify: [ { webhook: 'https://hooks.example/secret', on: [done] } ]",
        "TEAL2009",
        "'notify[0].webhook' cannot be its value: wanted is env:NAME"
    )]
    [InlineData("notify: [ { webhook: env:HOOK } ]", "TEAL2007", "lacks the key 'on'")]
    [InlineData("notify: [ { webhook: env:HOOK, on: [roled_back] } ]", "TEAL2008", "rolled_back")]
    [InlineData("notify: [ { webhook: file:../../etc/x, on: [done] } ]", "TEAL2009", "'..' may not stand in a path")]
    [InlineData("environments: { Live: {} }", "TEAL2009", "the environment 'Live' is refused")]
    [InlineData("environments: { live: 5 }", "TEAL2008", "the environment 'live' wants the keys that differ there")]
    [InlineData("environments: { live: { environments: {} } }", "TEAL2005", "unknown key 'environments'")]
    [InlineData("health: !!map {}", "TEAL2003", "the tag")]
    [InlineData("health: !python/object {}", "TEAL2003", "the tag")]
    [InlineData("health:\n\trise: 2", "TEAL2003", "4:1: a tab stands in front of the line; indent with spaces")]
    [InlineData("health: { <<: { rise: 2 } }", "TEAL2003", "3:11: the merge key '<<' is not taken")]
    [InlineData("? [a]\n: b", "TEAL2003", "a key is a plain word")]
    [InlineData("---\nservice: two", "TEAL2003", "a second document begins")]
    [InlineData("health: &a { path: *a }", "TEAL2003", "the alias 'a' holds itself")]
    [InlineData("health: *nowhere", "TEAL2003", "the alias 'nowhere' has no anchor before it")]
    [InlineData("health: { path: \u0007 }", "TEAL2003", "3:17: the character U+0007 may not stand in the file")]
    [InlineData("health: { path: ", "TEAL2001", "this is not YAML")]
    public void What_is_wrong_is_said_with_its_place_and_a_way_out(string line, string code, string message)
    {
        var result = Sample.Read(Sample.Least + line + "\n");
        Assert.Null(result.Manifest);
        Assert.Contains(result.Errors, error => error.Code == code && error.ToString().Contains(message));
    }

    [Theory]
    [InlineData("command: dotnet Shop.dll", "TEAL2013", "(did you mean '[dotnet, Shop.dll]'?)")]
    [InlineData("command: []", "TEAL2010", "'run.command' has 0 entries; it takes 1 to 256")]
    [InlineData("command: [\"a\\0b\"]", "TEAL2009", "it holds a NUL character")]
    [InlineData("command: [[a]]", "TEAL2008", "and a list stands here")]
    [InlineData("command: [a/../../b]", "TEAL2011", "climbs out of the folder")]
    [InlineData("image: shop:1", "TEAL2006", "'run.image' is not in this version: container images come later")]
    [InlineData("kubernetes: {}", "TEAL2006", "'run.kubernetes' is not in this version: Kubernetes come later")]
    [InlineData("{ command: [a], port: 80 }", "TEAL2009", "(did you mean 'auto'?)")]
    [InlineData("{ command: [a], env: { PORT: 80 } }", "TEAL2009", "it is set by Teal itself")]
    [InlineData("{ command: [a], env: { A B: c } }", "TEAL2009", "the name 'A B' of 'run.env' is refused")]
    [InlineData("{ command: [a], env: { A: } }", "TEAL2008", "and nothing stands here")]
    [InlineData("{ command: [a], env: { A: file:../b } }", "TEAL2009", "'..' may not stand in a path")]
    public void A_run_section_is_refused(string run, string code, string message)
    {
        var result = Sample.Read(run.StartsWith('{') ? $"service: shop\nrun: {run}\n" : $"service: shop\nrun:\n  {run}\n");
        Assert.Contains(result.Errors, error => error.Code == code && error.ToString().Contains(message));
    }

    [Fact]
    public void A_misspelt_secret_is_not_repeated()
    {
        var errors = Sample.Errors("service: shop\nrun: { command: [a], env: { KEY: 'env:canary secret' } }\n");
        Assert.DoesNotContain("canary", errors);
    }

    [Fact]
    public void A_value_with_terminal_codes_is_shown_harmless() =>
        Assert.Contains(@"\u001b[31m", Sample.Errors("service: \"a\\e[31m\"\nrun: { command: [a] }\n"));

    [Theory]
    [InlineData("", "TEAL2007")]
    [InlineData("# nothing\n", "TEAL2007")]
    [InlineData("[]", "TEAL2008")]
    [InlineData("{}", "TEAL2007")]
    public void A_file_without_keys_is_refused(string text, string code) =>
        Assert.Contains(Sample.Read(text).Errors, error => error.Code == code);

    [Fact]
    public void A_large_file_is_refused_unread() =>
        Assert.Equal("TEAL2002", Assert.Single(Sample.Read(new string('#', 300_000)).Errors).Code);

    [Fact]
    public void Thousands_of_unknown_keys_under_many_environments_are_said_up_to_a_hundred()
    {
        var keys = string.Concat(Enumerable.Range(0, 4800).Select(i => $"k{i}: 1\n"));
        var environments = string.Concat(Enumerable.Range(0, 32).Select(i => $"  e{i}: {{ z: 1 }}\n"));
        Assert.Equal(100, Sample.Read($"{keys}environments:\n{environments}").Errors.Count);
    }

    [Fact]
    public void A_deep_file_is_refused() =>
        Assert.Equal("TEAL2002", Assert.Single(Sample.Read("a: " + new string('[', 10_000)).Errors).Code);

    [Fact]
    public void A_billion_laughs_are_refused()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (var i = 1; i < 10; i++)
        {
            bomb += $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 2))}]\n";
        }
        Assert.Equal("TEAL2002", Assert.Single(Sample.Read(bomb + "b: [*a9, *a9, *a9, *a9]").Errors).Code);
        Assert.Equal(
            "TEAL2002",
            Assert.Single(Sample.Read("a: &a 1\nb: [" + string.Join(", ", Enumerable.Repeat("*a", 21)) + "]").Errors).Code
        );
    }

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("100ms", 100)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("1d2h3m4s5ms", 93_784_005)]
    public void A_duration_is_read_and_written_with_its_units(string text, double milliseconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
        Assert.Equal(text, Duration.Text(duration));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("1.5s")]
    [InlineData("-1s")]
    [InlineData("30s1m")]
    [InlineData("1s1s")]
    [InlineData("1 s")]
    [InlineData("1S")]
    [InlineData("1s\n")]
    [InlineData("9999999999s")]
    [InlineData("999999999d")]
    [InlineData("١s")]
    public void What_is_not_a_duration_is_refused(string? text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("0B", 0)]
    [InlineData("10MB", 10_000_000)]
    [InlineData("1GiB", 1L << 30)]
    [InlineData("1KiB", 1024)]
    public void A_size_is_read_and_written_with_its_unit(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var size));
        Assert.Equal(bytes, size);
        Assert.Equal(text, ByteSize.Text(size));
    }

    [Theory]
    [InlineData("10")]
    [InlineData("10mb")]
    [InlineData("MB")]
    [InlineData("1.5GB")]
    [InlineData("999999999TiB")]
    [InlineData("1MB\n")]
    public void What_is_not_a_size_is_refused(string text) => Assert.False(ByteSize.TryParse(text, out _));
}
