using System.Text;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags;

/// <summary>flagd's own fixtures: what its schema takes is taken, what it refuses is refused with its place.</summary>
public sealed class FlagdFixtureTests
{
    public static TheoryData<string> Good =>
        [
            .. Vectors
                .Names("flagd/")
                .Where(static name =>
                    name.Contains("/positive/", StringComparison.Ordinal) || name.Contains("/examples/", StringComparison.Ordinal)
                ),
        ];

    public static TheoryData<string> Bad =>
        [.. Vectors.Names("flagd/").Where(static name => name.Contains("/negative/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Good))]
    public void What_the_schema_takes_is_taken(string name)
    {
        var isRead = FlagDocument.TryRead(Document(name), DocumentLimits.Usual, out var document, out var fault);
        Assert.True(isRead, fault?.ToString());
        Assert.NotEmpty(document!.Flags);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_the_schema_refuses_is_refused_with_its_place(string name)
    {
        Assert.False(FlagDocument.TryRead(Document(name), DocumentLimits.Usual, out var document, out var fault));
        Assert.Null(document);
        Assert.Matches("^TEAL91[0-9]{2}$", fault.Code);
        Assert.StartsWith("$.", fault.Path, StringComparison.Ordinal);
        Assert.True(fault is { Line: > 1, Column: > 1 } or { Line: 1, Column: > 50 }, fault.ToString());
    }

    [Fact]
    public void All_fixtures_are_there()
    {
        Assert.Equal(19, Good.Count);
        Assert.Equal(18, Bad.Count);
    }

    /// <summary>A fixture of targeting alone is put into a flag.</summary>
    private static byte[] Document(string name)
    {
        var fixture = Vectors.Read(name);
        return !name.StartsWith("flagd/targeting/", StringComparison.Ordinal)
            ? fixture
            : Encoding.UTF8.GetBytes(
                $$$$"""{"flags":{"f":{"state":"ENABLED","variants":{"on":true},"targeting":{{{{Encoding.UTF8.GetString(fixture)}}}}}}}"""
            );
    }
}
