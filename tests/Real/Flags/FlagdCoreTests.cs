using System.Globalization;
using System.Text;
using System.Text.Json;
using Teal.Flags;

namespace Teal.Tests.Real.Flags;

/// <summary>Teal's engine and the one that OpenFeature's own clients run give the same answers to the same questions.</summary>
public sealed class FlagdCoreTests(ITestOutputHelper output)
{
    private const int Questions = 100_000;
    private const int MostShown = 10;
    private const int UsualSeed = 20_261_123;

    [Fact]
    public async Task A_hundred_thousand_random_flags_are_answered_as_flagd_core_answers_them()
    {
        var why = await NodeClients.Installed;
        Assert.SkipWhen(why is not null, why ?? "");
        var given = Environment.GetEnvironmentVariable("TEAL_SEED");
        var seed = given is null ? UsualSeed : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"TEAL_SEED={seed}");

        var halves = await Task.WhenAll(CompareAsync(seed, Questions / 2), CompareAsync(seed + 1, Questions / 2));

        var different = halves.SelectMany(static half => half).ToList();
        Assert.True(different.Count == 0, $"TEAL_SEED={seed}, {different.Count} differ:\n{string.Join("\n\n", different.Take(MostShown))}");
    }

    private static async Task<List<string>> CompareAsync(int seed, int count)
    {
        var flags = new RandomFlags(new Random(seed));
        var asked = Enumerable.Range(0, count).Select(_ => flags.Next()).ToList();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        using var core = FlagdNode.Start();
        var answers = await core.AskAsync([.. asked.Select(Question)], deadline.Token);
        return [.. asked.Zip(answers).Select(static pair => Difference(pair.First, pair.Second)).OfType<string>()];
    }

    private static string Question(RandomFlag flag) =>
        $$"""{"document":{{flag.Document}},"key":"{{RandomFlags.Key}}","type":"{{flag.Type}}","context":{{flag.Context}},"now":{{flag.Now}}}""";

    private static string? Difference(RandomFlag flag, JsonElement theirs)
    {
        var ours = Answer(flag);
        return JsonElement.DeepEquals(JsonElement.Parse(ours), theirs)
            ? null
            : $"{flag.Document}\n{flag.Context} ({flag.Type}, {flag.Now})\nTeal:       {ours}\nflagd-core: {theirs.GetRawText()}";
    }

    private static string Answer(RandomFlag flag)
    {
        if (!FlagDocument.TryRead(Encoding.UTF8.GetBytes(flag.Document), DocumentLimits.Usual, out var document, out var fault))
        {
            return JsonSerializer.Serialize(new { refused = fault.ToString() });
        }
        if (!EvaluationContext.TryParse(Encoding.UTF8.GetBytes(flag.Context), ContextLimits.Usual, out var context, out var wrong))
        {
            return JsonSerializer.Serialize(new { refused = wrong.Message });
        }
        var expected = flag.Type switch
        {
            "boolean" => ExpectedType.Boolean,
            "string" => ExpectedType.String,
            "number" => ExpectedType.Double,
            _ => ExpectedType.Object,
        };
        return Written(document.Evaluate(RandomFlags.Key, context, DateTimeOffset.FromUnixTimeSeconds(flag.Now), expected));
    }

    private static string Written(Evaluation evaluation)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WritePropertyName("value");
            evaluation.Value.WriteTo(json);
            json.WriteString("variant", evaluation.Variant);
            json.WriteString("reason", evaluation.ReasonWord);
            json.WriteString("error", evaluation.ErrorWord);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
