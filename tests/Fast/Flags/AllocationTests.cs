using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

public sealed class AllocationTests
{
    private const int Rounds = 1000;

    [Theory]
    [InlineData("{}")]
    [InlineData(
        """{"if":[{"in":[{"var":"plan"},["gold","silver"]]},{"fractional":[{"cat":["salt",{"var":"targetingKey"}]},["on",10],["off",90]]},"off"]}"""
    )]
    [InlineData("""{"fractional":[["on",10],["off",90]]}""")]
    [InlineData(
        """{"if":[{"and":[{"ends_with":[{"var":"user.email"},"@example.com"]},{">=":[{"var":"age"},18]},{"!":[{"var":"blocked"}]}]},"on","off"]}"""
    )]
    [InlineData("""{"if":[{"sem_ver":[{"var":"version"},">=","1.2.0"]},"on",{">":[{"var":"$flagd.timestamp"},1740000000]},"on","off"]}""")]
    public void An_evaluation_allocates_nothing(string targeting)
    {
        var document = Vectors.Targeting(targeting);
        var context = Vectors.Context(
            """{"targetingKey":"user-1","plan":"gold","age":33,"version":"1.10.0-rc.1","user":{"email":"someone@example.com"}}"""
        );
        var on = Evaluate(document, context);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Rounds; i++)
        {
            on += Evaluate(document, context);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(on is 0 or Rounds + 1);
    }

    private static int Evaluate(FlagDocument document, EvaluationContext context) =>
        document.Evaluate("f", context, Vectors.Now, ExpectedType.Boolean).Value.AsBoolean ? 1 : 0;
}
