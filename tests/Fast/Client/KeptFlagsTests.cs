using System.Text;
using Teal.Client;
using Teal.Flags;

namespace Teal.Tests.Fast.Client;

public sealed class KeptFlagsTests
{
    private static readonly byte[] Json =
        """{"flags":{"dark":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}}}"""u8.ToArray();

    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void What_was_written_is_read()
    {
        Assert.True(KeptFlags.TryRead(File(), out var kept, out _));
        Assert.Equal(("production", 42L, ServedFlags.TagOf(Json)), (kept.Environment, kept.Revision, kept.Tag));
        Assert.True(kept.Document.Evaluate("dark", EvaluationContext.Empty, Now).Value.AsBoolean);
    }

    [Fact]
    public void A_file_that_ends_anywhere_before_its_end_is_not_used()
    {
        var file = File();
        Assert.All(Enumerable.Range(0, file.Length), length => Assert.False(KeptFlags.TryRead(file.AsSpan(0, length), out _, out _)));
    }

    [Fact]
    public void A_document_of_which_any_bit_is_another_is_not_used()
    {
        var start = File().Length - Json.Length;
        for (var place = start; place < start + Json.Length; place++)
        {
            var file = File();
            file[place] ^= 1;
            Assert.False(KeptFlags.TryRead(file, out _, out var fault));
            Assert.Equal("it is cut short or was changed", fault);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("{}\n{}")]
    [InlineData("null\n{}")]
    [InlineData("{\"version\":2,\"environment\":\"p\",\"revision\":1,\"saved\":\"2026-01-01T00:00:00Z\",\"bytes\":2,\"sha256\":\"\"}\n{}")]
    [InlineData("{\"version\":1,\"environment\":null,\"revision\":1,\"saved\":\"2026-01-01T00:00:00Z\",\"bytes\":2,\"sha256\":\"\"}\n{}")]
    public void What_begins_otherwise_is_not_used(string file)
    {
        Assert.False(KeptFlags.TryRead(Encoding.UTF8.GetBytes(file), out _, out var fault));
        Assert.Equal("it does not begin as such a file does", fault);
    }

    [Fact]
    public void A_whole_file_with_a_document_that_is_none_is_not_used()
    {
        var json = "{\"flags\":{\"dark\":{\"state\":\"MAYBE\"}}}"u8.ToArray();
        var file = KeptFlags.Write(Served() with { Tag = ServedFlags.TagOf(json) }, json, Now);
        Assert.False(KeptFlags.TryRead(file, out _, out var fault));
        Assert.StartsWith("TEAL91", fault, StringComparison.Ordinal);
    }

    private static byte[] File() => KeptFlags.Write(Served(), Json, Now);

    private static ServedFlags Served()
    {
        Assert.True(FlagDocument.TryRead(Json, DocumentLimits.Usual, out var document, out _));
        return new ServedFlags("production", 42, document, ServedFlags.TagOf(Json));
    }
}
