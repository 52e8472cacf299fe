using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Teal.Flags;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Tests.Real.Traffic;

/// <summary>The signed header, from the proxy to the code that the guide shows for checking it.</summary>
public sealed class FlagSignatureTests
{
    private static readonly FlagSigner Signer = FlagSigner.Of("shop", [RandomNumberGenerator.GetBytes(32)]);
    private static readonly FlagWish Wish = new(["checkout"], null, []) { IsSigned = true };

    [Theory]
    [InlineData("1.1", "teal-flags-signature")]
    [InlineData("1.1", "Teal-Flags-Signature")]
    [InlineData("1.1", "teal_flags_signature")]
    [InlineData("1.1", "teal.flags.signature")]
    [InlineData("2.0", "teal-flags-signature")]
    [InlineData("2.0", "teal_flags_signature")]
    public async Task A_signature_of_a_client_never_arrives_and_the_proxys_is_there_once(string version, string name)
    {
        await using var app = await App.StartAsync("v1", EchoAsync);
        await using var door = await OpenAsync(version == "2.0" ? "h2c://127.0.0.1:0" : "http://127.0.0.1:0");
        door.Publish(Door.Pool("blue", app) with { Flags = Wish });
        var forged = Signer.Sign("checkout=off", DateTimeOffset.UnixEpoch);
        var seen = await AskAsync(door, version, (name, forged), (name, "again"), ("teal-flags", "checkout=off"), ("teal_flags", "a=b"));
        Assert.Equal("checkout=on", seen["teal-flags"]);
        Assert.True(IsTeals(seen["teal-flags"], seen[FlagSigner.Header], Signer.Words, DateTimeOffset.UtcNow), seen[FlagSigner.Header]);
        Assert.Equal(2, seen.Count);

        door.Publish(Door.Pool("blue", app));
        Assert.Empty(await AskAsync(door, version, (name, forged), ("teal-flags", "checkout=off")));
        door.Publish(Door.Pool("blue", app) with { Flags = Wish with { Keys = ["missing"] } });
        Assert.Empty(await AskAsync(door, version, (name, forged)));
    }

    [Theory]
    [InlineData("node", "js")]
    [InlineData("python3", "python")]
    [InlineData("", "csharp")]
    public async Task The_code_of_the_guide_tells_a_real_header_from_a_forged_one(string program, string language)
    {
        if (program.Length > 0 && !IsThere(program))
        {
            Assert.Skip($"{program} is not installed.");
        }
        await using var app = await App.StartAsync("v1", EchoAsync);
        await using var door = await OpenAsync("http://127.0.0.1:0");
        door.Publish(Door.Pool("blue", app) with { Flags = Wish });
        var seen = await AskAsync(door, "1.1");
        var (flags, signature, now) = (seen["teal-flags"], seen[FlagSigner.Header], DateTimeOffset.UtcNow);
        var other = FlagSigner.Of("cart", [RandomNumberGenerator.GetBytes(32)]);
        (string Flags, string Signature, bool IsTeals)[] cases =
        [
            (flags, signature, true),
            ("checkout=off", signature, false),
            (flags, Signer.Sign(flags, now.AddMinutes(-3)), false),
            (flags, Signer.Sign(flags, now.AddMinutes(3)), false),
            (flags, signature.Replace("t=", "t=0", StringComparison.Ordinal), false),
            (flags, other.Sign(flags, now), false),
            (flags, signature[..^1], false),
            (flags, signature + "0", false),
            (flags, "", false),
            (flags, "t=, k=, s=", false),
        ];
        foreach (var it in cases)
        {
            var said =
                language == "csharp"
                    ? IsTeals(it.Flags, it.Signature, Signer.Words, now)
                    : await RunAsync(program, language, it.Flags, it.Signature, now);
            Assert.True(said == it.IsTeals, $"{it.Flags} {it.Signature}");
        }
    }

    /// <summary>As in the guide.</summary>
    private static bool IsTeals(string flags, string? signature, string keys, DateTimeOffset now)
    {
        var said = Regex.Match(signature ?? "", @"^t=([0-9]{1,12}), k=([0-9a-f]{8}), s=([0-9a-f]{64})\z", RegexOptions.None, Door.Bound);
        var key = keys.Split(' ')
            .FirstOrDefault(each => said.Success && each.StartsWith(said.Groups[2].Value + ":", StringComparison.Ordinal));
        if (key is null || Math.Abs(now.ToUnixTimeSeconds() - long.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture)) > 60)
        {
            return false;
        }
        var sum = HMACSHA256.HashData(Convert.FromHexString(key[9..]), Encoding.ASCII.GetBytes($"{said.Groups[1].Value}\n{flags}"));
        return CryptographicOperations.FixedTimeEquals(sum, Convert.FromHexString(said.Groups[3].Value));
    }

    private static async Task<bool> RunAsync(string program, string language, string flags, string signature, DateTimeOffset now)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "guide", "edge-flags.md"));
        var from = page.IndexOf($"```{language}\n", page.IndexOf("## Signed", StringComparison.Ordinal), StringComparison.Ordinal);
        var code = page[(from + language.Length + 4)..page.IndexOf("\n```", from, StringComparison.Ordinal)];
        var at = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var ask =
            language == "js"
                ? $"console.log(isTeals(process.env.FLAGS, process.env.SIGNATURE, undefined, {at}))"
                : $"print(is_teals(os.environ['FLAGS'], os.environ['SIGNATURE'], None, {at}))";
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(language == "js" ? "-e" : "-c");
        start.ArgumentList.Add($"{code}\n{ask}");
        (start.Environment["FLAGS"], start.Environment["SIGNATURE"]) = (flags, signature);
        start.Environment[FlagSigner.Variable] = Signer.Words;
        using var running = Process.Start(start)!;
        var said = (await running.StandardOutput.ReadToEndAsync()).Trim();
        await running.WaitForExitAsync();
        Assert.Equal(0, running.ExitCode);
        return string.Equals(said, "true", StringComparison.OrdinalIgnoreCase);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Teal.slnx")))
        {
            folder = folder.Parent;
        }
        return folder.FullName;
    }

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static Task<Door> OpenAsync(string listen)
    {
        const string json = """{ "flags": { "checkout": { "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "on" } } }""";
        Assert.True(FlagDocument.TryRead(Encoding.UTF8.GetBytes(json), DocumentLimits.Usual, out var document, out _));
        return Door.OpenAsync(
            change: options => options with { Flags = _ => new FlagsInForce("production", document), Signers = _ => Signer },
            listen: listen
        );
    }

    private static Task EchoAsync(App app, HttpContext context) =>
        context.Response.WriteAsync(
            string.Join(
                '\n',
                context
                    .Request.Headers.Where(header => header.Key.StartsWith("teal", StringComparison.OrdinalIgnoreCase))
                    .Select(header => $"{header.Key}:{string.Join('|', header.Value.ToArray())}")
            )
        );

    private static async Task<Dictionary<string, string>> AskAsync(Door door, string version, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(door.Address) { Scheme = "http" }.Uri)
        {
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var answer = await door.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.ToDictionary(line => line.Split(':')[0].ToLowerInvariant(), line => line[(line.IndexOf(':') + 1)..]);
    }
}
