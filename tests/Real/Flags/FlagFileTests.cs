using System.Text;
using System.Text.Json;
using Teal.Tests.Real.EndToEnd;

namespace Teal.Tests.Real.Flags;

/// <summary>Flags that come from files, which are exchanged under the server as editors, deployments and Kubernetes do it.</summary>
public sealed class FlagFileTests : IDisposable
{
    private const string On = "flags:\n  checkout:\n    owner: shop\n    serve: on\n";
    private const string Off = "flags:\n  checkout:\n    owner: shop\n    serve: off\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("teal-flag-files-");

    private string FilePath => Path.Combine(_folder.FullName, "flags.yaml");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_file_is_taken_when_it_is_renamed_into_place_and_a_bad_one_leaves_the_last_good_flags()
    {
        await File.WriteAllTextAsync(FilePath, On);
        await using var teal = await TealProcess.StartAsync(["--flags-file", FilePath]);
        Assert.Equal("on", await VariantAsync(teal, "checkout"));

        Rename(Off);
        await ServesAsync(teal, "checkout", "off");

        // Half of it was written, as a disk that filled up leaves it.
        await File.WriteAllTextAsync(FilePath, "flags:\n  checkout:\n    owner: shop\n    ser");
        await SaysAsync(teal, $"{FilePath}:4:", "flag", "list");
        Assert.Equal("off", await VariantAsync(teal, "checkout"));
        Assert.Contains(FilePath, (await DoneAsync(teal, "status")).Output, StringComparison.Ordinal);
        Assert.Contains("TEAL9516", teal.ServerOutput(), StringComparison.Ordinal);
        Assert.Contains(
            $"teal_flag_file_good{{file=\"{FilePath}\"}} 0",
            await teal.Api.GetStringAsync("/metrics"),
            StringComparison.Ordinal
        );

        File.Delete(FilePath);
        await SaysAsync(teal, "it is not there", "flag", "list");
        Assert.Equal("off", await VariantAsync(teal, "checkout"));

        Rename(On);
        await ServesAsync(teal, "checkout", "on");
        await SaysAsync(teal, $"From the file {FilePath}.", "flag", "list");
        var audit = await DoneAsync(teal, "audit", "--all", "--kind", "flag_file_taken");
        Assert.Contains($"file:{FilePath}", audit.Output, StringComparison.Ordinal);
        Assert.Contains("sha256:", audit.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_behind_links_is_taken_when_the_link_is_exchanged_as_kubernetes_does_it()
    {
        Publish("one", On);
        File.CreateSymbolicLink(FilePath, Path.Combine("..data", "flags.yaml"));
        await using var teal = await TealProcess.StartAsync(["--flags-file", FilePath]);
        Assert.Equal("on", await VariantAsync(teal, "checkout"));
        Publish("two", Off);
        await ServesAsync(teal, "checkout", "off");
        Publish("three", On);
        await ServesAsync(teal, "checkout", "on");
    }

    [Fact]
    public async Task A_kill_wins_over_the_file_through_a_crash_until_the_file_says_off_and_on_again()
    {
        await File.WriteAllTextAsync(FilePath, On);
        await using var teal = await TealProcess.StartAsync(["--flags-file", FilePath]);
        var refused = await teal.TealAsync("flag", "set", "checkout", "off");
        Assert.True(refused.ExitCode == 5, refused.ToString());
        Assert.Contains("TEAL9513", refused.Error, StringComparison.Ordinal);
        Assert.Contains(FilePath, refused.Error, StringComparison.Ordinal);
        await DoneAsync(teal, "flag", "kill", "checkout");
        Assert.Equal("off", await VariantAsync(teal, "checkout"));

        var before = await DoneAsync(teal, "audit", "--all");
        await teal.KillServerAsync();
        await teal.RunServerAsync();
        Assert.Equal("off", await VariantAsync(teal, "checkout"));
        // The same file is nothing to remember.
        Assert.Equal(before.Output, (await DoneAsync(teal, "audit", "--all")).Output);

        Rename(On + "  other:\n    owner: shop\n    serve: on\n");
        await ServesAsync(teal, "other", "on");
        Assert.Equal("off", await VariantAsync(teal, "checkout"));
        Assert.Contains("production/checkout", (await DoneAsync(teal, "flag", "list")).Output, StringComparison.Ordinal);

        Rename(On + "    enabled: false\n");
        await SaysAsync(teal, "\"overruled\": []", "flag", "list", "-o", "json");
        Rename(On);
        await ServesAsync(teal, "checkout", "on");

        await DoneAsync(teal, "flag", "kill", "checkout");
        await DoneAsync(teal, "flag", "revive", "checkout");
        Assert.Equal("on", await VariantAsync(teal, "checkout"));
    }

    [Fact]
    public async Task A_rollout_moves_a_share_that_the_file_leaves_alone_and_the_file_does_not_fight_it()
    {
        await File.WriteAllTextAsync(FilePath, Off);
        await using var teal = await TealProcess.StartAsync(["--flags-file", FilePath]);
        await DoneAsync(teal, "flag", "rollout", "checkout", "on", "--steps", "10%,100%", "--hold", "1h", "--detach");
        Rename(Off + "    description: still the same share\n");
        await SaysAsync(teal, "still the same share", "flag", "show", "checkout");
        Assert.Contains("on 10%", (await DoneAsync(teal, "flag", "show", "checkout")).Output, StringComparison.Ordinal);

        Rename(On);
        await SaysAsync(teal, "TEAL9504", "flag", "list");
        await DoneAsync(teal, "flag", "rollout", "stop", "checkout");
        await ServesAsync(teal, "checkout", "on");
    }

    [Fact]
    public async Task Two_environments_are_served_from_two_documents_and_a_kill_holds_in_each()
    {
        var (staging, production) = (Path.Combine(_folder.FullName, "staging.json"), Path.Combine(_folder.FullName, "production.json"));
        await File.WriteAllTextAsync(FilePath, "environments: [staging, production]\nflags: {}\n");
        await File.WriteAllTextAsync(staging, Document("new"));
        await File.WriteAllTextAsync(production, Document("old"));
        await using var teal = await TealProcess.StartAsync([
            "--flags-file",
            FilePath,
            "--flags-document",
            $"staging={staging}",
            "--flags-document",
            $"production={production}",
        ]);
        Assert.Equal("old", await VariantAsync(teal, "checkout"));
        await File.WriteAllTextAsync(staging, "{\"flags\":{\n\"checkout\":{\"state\":\"MAYBE\"}}}");
        await SaysAsync(teal, $"{staging}:2:", "flag", "list", "-e", "staging");
        await File.WriteAllTextAsync(production, Document("new"));
        await ServesAsync(teal, "checkout", "new");
        var refused = await teal.TealAsync("flag", "import", production);
        Assert.True(refused.ExitCode == 5, refused.ToString());
        Assert.Contains("TEAL9513", refused.Error, StringComparison.Ordinal);

        await DoneAsync(teal, "flag", "kill", "checkout");
        await ServesAsync(teal, "checkout", null);
        await File.WriteAllTextAsync(production, Document("old"));
        await SaysAsync(teal, "\"defaultVariant\": \"old\"", "flag", "export", "--flagd");
        Assert.Null(await VariantAsync(teal, "checkout"));
        await DoneAsync(teal, "flag", "revive", "checkout");
        Assert.Equal("old", await VariantAsync(teal, "checkout"));
    }

    private static string Document(string variant) =>
        """{"flags":{"checkout":{"state":"ENABLED","variants":{"new":true,"old":false},"defaultVariant":"VARIANT"}}}""".Replace(
            "VARIANT",
            variant,
            StringComparison.Ordinal
        );

    private void Rename(string text)
    {
        var young = FilePath + ".new";
        File.WriteAllText(young, text);
        File.Move(young, FilePath, overwrite: true);
    }

    /// <summary>A folder of its own for each state, and <c>..data</c> turned to it in one step.</summary>
    private void Publish(string name, string text)
    {
        var folder = _folder.CreateSubdirectory($"..{name}");
        File.WriteAllText(Path.Combine(folder.FullName, "flags.yaml"), text);
        var (young, data) = (Path.Combine(_folder.FullName, "..data_tmp"), Path.Combine(_folder.FullName, "..data"));
        File.CreateSymbolicLink(young, folder.Name);
        if (Libc.Rename(young, data) != 0)
        {
            throw new IOException($"{young} could not be renamed.");
        }
    }

    private static Task<string> ServesAsync(TealProcess teal, string flag, string? variant) =>
        Eventually.ReturnsAsync(
            async () => await VariantAsync(teal, flag) == variant ? "yes" : null,
            $"{flag} to serve {variant ?? "nothing"}",
            teal.ServerOutput
        );

    private static Task<string> SaysAsync(TealProcess teal, string told, params string[] arguments) =>
        Eventually.ReturnsAsync(
            async () =>
                (await teal.TealAsync(arguments)).Output is var output && output.Contains(told, StringComparison.Ordinal) ? output : null,
            told,
            teal.ServerOutput
        );

    private static async Task<CliResult> DoneAsync(TealProcess teal, params string[] arguments)
    {
        var result = await teal.TealAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    private static async Task<string?> VariantAsync(TealProcess teal, string flag)
    {
        using var body = new StringContent("""{"context":{"targetingKey":"u1"}}""", Encoding.UTF8, "application/json");
        using var answer = await teal.Api.PostAsync($"/ofrep/v1/evaluate/flags/{flag}", body);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.TryGetProperty("variant", out var variant) ? variant.GetString() : null;
    }

    private static class Libc
    {
        [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "rename", CharSet = System.Runtime.InteropServices.CharSet.Ansi)]
        [System.Runtime.InteropServices.DefaultDllImportSearchPaths(System.Runtime.InteropServices.DllImportSearchPath.SafeDirectories)]
        internal static extern int Rename(string from, string to);
    }
}
