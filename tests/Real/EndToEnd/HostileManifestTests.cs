using System.Net.Http.Json;
using Teal.Wire;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>What no manifest may say: a place, a reason, exit 2, and nothing was changed.</summary>
public sealed class HostileManifestTests
{
    private const string Least = "service: app\nrun: { command: [./app] }\n";

    private static readonly (string What, string Text, string Code)[] _hostile =
    [
        ("a tab", "service: app\nrun:\n\tcommand: [./app]\n", "TEAL200[13]"),
        ("a duplicate key", Least + "service: other\n", "TEAL2004"),
        ("a billion laughs", Laughs(), "TEAL200[1235]"),
        ("a truth value as a name", "service: NO\nrun: { command: [./app] }\n", "TEAL2009"),
        ("an octal number", "service: app\nrun: { command: [./app], instances: 012 }\n", "TEAL2008"),
        ("a sexagesimal duration", "service: app\nrun: { command: [./app], stop_timeout: 22:30 }\n", "TEAL2008"),
        ("a tag", "service: app\nrun: !!python/object/apply:os.system [id]\n", "TEAL2003"),
        ("two documents", Least + "---\n" + Least, "TEAL2003"),
        ("a near miss", Least + "relase: { drain: 1s }\n", "TEAL2005"),
        ("a NUL", "service: app\0\nrun: { command: [./app] }\n", "TEAL200[13]"),
        ("an escape sequence", "service: \"\\e[31mapp\"\nrun: { command: [./app] }\n", "TEAL2009"),
        ("300 KiB", Least + "# " + new string('x', 300 << 10) + "\n", "TEAL2002"),
        ("10 MB", Least + "# " + new string('x', 10_000_000) + "\n", "TEAL7011"),
        ("nothing", "", "TEAL20"),
    ];

    [Fact]
    public async Task Each_is_refused_with_its_place_and_nothing_is_changed()
    {
        await using var teal = await TealProcess.StartAsync();
        var before = (await teal.Api.GetFromJsonAsync("/api/v1/server", WireJson.Default.ServerView))!.JournalSequence;
        foreach (var (what, text, code) in _hostile)
        {
            await File.WriteAllTextAsync(Path.Combine(teal.Root, "bad.yaml"), text);
            var refused = await teal.TealAsync("deploy", "v1", "-C", "bad.yaml");
            Assert.True(refused.ExitCode == 2, $"{what}: {refused}");
            Assert.Matches(code, refused.Error);
            Assert.DoesNotContain('\e', refused.Error);
            Assert.True(refused.Error.Length < 20_000, what);
            if (code != "TEAL7011")
            {
                Assert.Matches("bad\\.yaml:[0-9]+:[0-9]+", refused.Error);
            }
        }
        var near = await teal.TealAsync("config", "validate", "-C", Write(teal, Least + "relase: { drain: 1s }\n"));
        Assert.Contains("release", near.Error + near.Output);
        Assert.Equal(before, (await teal.Api.GetFromJsonAsync("/api/v1/server", WireJson.Default.ServerView))!.JournalSequence);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(teal.Home, "versions"), "*", SearchOption.AllDirectories));
    }

    private static string Write(TealProcess teal, string text)
    {
        File.WriteAllText(Path.Combine(teal.Root, "near.yaml"), text);
        return "near.yaml";
    }

    private static string Laughs()
    {
        var text = "a: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
        for (var level = 1; level < 10; level++)
        {
            text += $"b{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 9))}]\n";
        }
        return text + Least;
    }
}
