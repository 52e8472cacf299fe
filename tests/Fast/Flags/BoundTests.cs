using System.Globalization;
using System.Text;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

/// <summary>Whatever a document and a context say, an evaluation ends soon, with an answer.</summary>
public sealed class BoundTests(ITestOutputHelper output)
{
    private static readonly EvaluationContext _manyNumbers = Vectors.Context(
        $"{{\"list\":[{string.Join(',', Enumerable.Repeat("1", 30_000))}]}}"
    );

    [Theory]
    [InlineData("""{"reduce":[{"var":"list"},{"cat":[{"var":"accumulator"},{"var":"accumulator"}]},"xx"]}""")]
    [InlineData("""{"reduce":[{"var":"list"},{"merge":[{"var":"accumulator"},{"var":"accumulator"}]},[1,2]]}""")]
    [InlineData("""{"reduce":[{"var":"list"},{"merge":[{"var":"accumulator"},{"var":"current"}]},[]]}""")]
    [InlineData("""{"map":[{"var":"list"},{"cat":["x",{"var":""},"y",{"var":""},"z",{"var":""},{"var":""}]}]}""")]
    [InlineData(
        """{"all":[{"merge":[{"var":"list"},{"var":"list"},{"var":"list"},{"var":"list"}]},{"<":[{"var":""},{"+":[1,{"var":""}]}]}]}"""
    )]
    public void What_would_grow_or_run_on_is_ended_with_an_error(string targeting)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var evaluation = Vectors.Targeting(targeting).Evaluate("f", _manyNumbers, Vectors.Now);
        Assert.Equal(EvaluationError.General, evaluation.Error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024 * 1024);
    }

    [Theory]
    [InlineData("""{"if":[{"some":[{"var":"list"},{"==":[{"var":""},2]}]},"on","off"]}""", "off")]
    [InlineData("""{"if":[{"in":[2,{"var":"list"}]},"on","off"]}""", "off")]
    [InlineData(
        """{"if":[{">":[{"reduce":[{"var":"list"},{"+":[{"var":"accumulator"},{"var":"current"}]},0]},29999]},"on","off"]}""",
        "on"
    )]
    public void An_honest_rule_over_a_context_as_large_as_allowed_has_its_answer(string targeting, string variant) =>
        Assert.Equal(variant, Vectors.Targeting(targeting).Evaluate("f", _manyNumbers, Vectors.Now).Variant);

    [Fact]
    public void A_name_among_thousands_is_found_as_fast_as_among_few()
    {
        var members = string.Join(',', Enumerable.Range(0, 4000).Select(static i => $"\"n{i}\":{i}"));
        var context = Vectors.Context($"{{{members}}}");
        var sums = string.Join(',', Enumerable.Range(0, 4000).Select(static i => $"{{\"var\":\"n{i}\"}}"));
        var evaluation = Vectors.Targeting($$"""{"if":[{"==":[{"+":[{{sums}}]},7998000]},"on"]}""").Evaluate("f", context, Vectors.Now);
        Assert.Equal("on", evaluation.Variant);
    }

    [Fact]
    public void Documents_and_contexts_with_bytes_changed_are_refused_or_answered_and_nothing_else()
    {
        var seed = Environment.GetEnvironmentVariable("TEAL_SEED") is { } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Environment.TickCount;
        output.WriteLine($"TEAL_SEED={seed}");
        var random = new Random(seed);
        var documents = Vectors.Names("flagd/").Select(Vectors.Read).ToList();
        var context = Encoding.UTF8.GetBytes(
            """{"targetingKey":"me","email":"a@faas.com","version":"1.0","list":[1,"2",null],"user":{"name":"ü"}}"""
        );
        var (refused, answered) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var isRead = FlagDocument.TryRead(
                Changed(random, documents[random.Next(documents.Count)]),
                DocumentLimits.Usual,
                out var document,
                out var fault
            );
            var isContext = EvaluationContext.TryParse(Changed(random, context), ContextLimits.Usual, out var subject, out var wrong);
            Assert.Equal(isRead, fault is null);
            Assert.Equal(isContext, wrong is null);
            refused += isRead ? 0 : 1;
            foreach (var flag in document?.Flags ?? [])
            {
                var evaluation = flag.Evaluate(subject ?? EvaluationContext.Empty, Vectors.Now);
                Assert.Equal(evaluation.HasValue, evaluation.Variant is not null);
                answered++;
            }
        }
        Assert.True(refused > 0 && answered > 0);
    }

    private static byte[] Changed(Random random, byte[] bytes)
    {
        var changed = (byte[])bytes.Clone();
        var signs = "{}[]\",:0-1eE.\\u$ \0\xFF\xC3"u8;
        for (var i = random.Next(4); i > 0; i--)
        {
            changed[random.Next(changed.Length)] = signs[random.Next(signs.Length)];
        }
        return random.Next(8) == 0 ? changed[..random.Next(changed.Length)] : changed;
    }
}
