using System.Text.Json;
using Teal.Client;
using Teal.Flags;

namespace Teal.Tests.Fast.Client;

public sealed class ClientValueTests
{
    private const string Document = """
        {"flags": {
          "dark": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
            "targeting": {"if": [{"==": [{"var": "plan"}, "gold"]}, "on", null]}},
          "headline": {"state": "ENABLED", "variants": {"plain": "Hello"}, "defaultVariant": "plain"},
          "size": {"state": "ENABLED", "variants": {"large": 50}, "defaultVariant": "large"},
          "huge": {"state": "ENABLED", "variants": {"huge": 5000000000}, "defaultVariant": "huge"},
          "factor": {"state": "ENABLED", "variants": {"less": 0.85}, "defaultVariant": "less"},
          "theme": {"state": "ENABLED", "variants": {"dark": {"ink": "#fff"}}, "defaultVariant": "dark"},
          "asleep": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"}
        }}
        """;

    private static readonly EvaluationContext Gold = EvaluationContext.Of("user-1", new ContextAttribute("plan", "gold"));

    private readonly TealClient _client = TealClient.FromDocument(Document);

    [Fact]
    public void A_value_has_the_type_that_code_asks_for()
    {
        Assert.True(_client.GetBoolean("dark", false, Gold));
        Assert.False(_client.GetBoolean("dark", true));
        Assert.Equal("Hello", _client.GetString("headline", "?"));
        Assert.Equal(50, _client.GetInteger("size", 0));
        Assert.Equal(50.0, _client.GetDouble("size", 0));
        Assert.Equal(0.85, _client.GetDouble("factor", 0));
        Assert.Equal("#fff", _client.GetJson("theme", default).GetProperty("ink").GetString());
    }

    [Fact]
    public void Details_say_which_variant_and_why()
    {
        Assert.Equal(new FlagDetails<bool>(true, "on", "TARGETING_MATCH", null), _client.GetBooleanDetails("dark", false, Gold));
        Assert.Equal(new FlagDetails<bool>(false, "off", "DEFAULT", null), _client.GetBooleanDetails("dark", true));
        Assert.Equal(new FlagDetails<string>("Hello", "plain", "STATIC", null), _client.GetStringDetails("headline", "?"));
        Assert.Equal(new FlagDetails<bool>(true, null, "DISABLED", null), _client.GetBooleanDetails("asleep", true));
    }

    [Theory]
    [InlineData("nowhere", "FLAG_NOT_FOUND")]
    [InlineData("headline", "TYPE_MISMATCH")]
    [InlineData("factor", "TYPE_MISMATCH")]
    [InlineData("huge", "TYPE_MISMATCH")]
    [InlineData("theme", "TYPE_MISMATCH")]
    [InlineData("", "FLAG_NOT_FOUND")]
    [InlineData(null, "FLAG_NOT_FOUND")]
    public void What_cannot_be_given_is_the_codes_own_default_and_says_why(string? key, string error) =>
        Assert.Equal(new FlagDetails<int>(7, null, "ERROR", error), _client.GetIntegerDetails(key!, 7, Gold));

    [Fact]
    public async Task Before_there_are_flags_everything_is_the_codes_own_default()
    {
        await using var client = new TealClient(new TealClientOptions { Address = new Uri("http://127.0.0.1:1"), Key = "teal_k" });
        Assert.Equal(new FlagDetails<string>("mine", null, "ERROR", "PROVIDER_NOT_READY"), client.GetStringDetails("headline", "mine"));
        var fallback = JsonDocument.Parse("[1]").RootElement;
        Assert.Equal(1, client.GetJson("theme", fallback)[0].GetInt32());
        Assert.Equal((TealClientState.Starting, 0L, null), (client.Status.State, client.Status.Revision, client.Status.Environment));
    }

    [Fact]
    public void Whoever_asks_for_nobody_asks_for_the_default_context()
    {
        var client = TealClient.FromDocument(Document, Gold);
        Assert.True(client.GetBoolean("dark", false));
        Assert.False(client.GetBoolean("dark", false, EvaluationContext.Empty));
    }

    [Fact]
    public void A_test_changes_its_flags_and_a_bad_document_changes_nothing()
    {
        var told = new List<long>();
        _client.Changed += (_, change) => told.Add(change.Revision);
        _client.SetDocument(Document.Replace("Hello", "Good evening", StringComparison.Ordinal));
        var refused = Assert.Throws<ArgumentException>(() => _client.SetDocument("{\"flags\":{\"x\":1}}"));
        Assert.Contains("TEAL9453", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Good evening", _client.GetString("headline", "?"));
        Assert.Equal([2L], told);
        Assert.Equal((TealClientState.Fixed, 2L, 7), (_client.Status.State, _client.Status.Revision, _client.Status.Flags));
    }

    [Fact]
    public void Asking_allocates_nothing()
    {
        _client.GetBooleanDetails("dark", false, Gold);
        _client.GetString("headline", "?", Gold);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _client.GetBooleanDetails("dark", false, Gold);
            _client.GetString("headline", "?", Gold);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("127.0.0.1:8016", "teal_k", "Address")]
    [InlineData("http://user:secret@127.0.0.1", "teal_k", "Address")]
    [InlineData("ftp://127.0.0.1", "teal_k", "Address")]
    [InlineData("http://127.0.0.1", "", "Key")]
    [InlineData("http://127.0.0.1", "teal_k\r\nX-Evil: 1", "Key")]
    public void An_option_that_cannot_be_is_refused_and_the_key_is_not_repeated(string address, string key, string named)
    {
        var options = new TealClientOptions { Address = new Uri(address, UriKind.RelativeOrAbsolute), Key = key };
        var refused = Assert.Throws<ArgumentException>(() => new TealClient(options));
        Assert.StartsWith($"TEAL9450: {named}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Evil", refused.Message, StringComparison.Ordinal);
    }
}
