using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Teal.Tests.Real.Flags;

/// <param name="Document">One flag, of key <see cref="RandomFlags.Key"/>.</param>
/// <param name="Type">As flagd-core names it: boolean, string, number, object.</param>
internal sealed record RandomFlag(string Document, string Context, string Type, long Now);

/// <summary>
/// Flags that flagd's schema takes, with targeting over all operations, and contexts for them, of odd types and texts. Left out is
/// what JavaScript knows of a value beyond JSON: names such as <c>length</c> and <c>constructor</c>, and <c>../</c>; and two oddities
/// of the interpreter: it takes a <c>reduce</c> over a constant list for constant when its start is not, and compares a <c>filter</c>
/// by a constant before anybody asks.
/// </summary>
internal sealed partial class RandomFlags(Random random)
{
    public const string Key = "flag ü";

    private static readonly string[] _names =
    [
        "a",
        "b",
        "list",
        "texts",
        "user",
        "user.plan",
        "user.age",
        "user.tags.0",
        "deep.er.still",
        "deep.er.still.more",
        "version",
        "email",
        "targetingKey",
        "missing",
        "nothing",
        "größe",
        "a\\.b",
        "list.1",
        "",
        "$flagd.flagKey",
        "$flagd.timestamp",
    ];

    private static readonly string[] _texts =
    [
        "",
        "on",
        "off",
        "true",
        "false",
        "5",
        "0",
        " 12 ",
        "1e3",
        "0x1F",
        "-1",
        "abc",
        "ABC",
        "user@example.com",
        "@example.com",
        "1.2.3",
        "v1.2",
        "2.0.0-rc.1",
        "1.0.0+build",
        "ß",
        "日本語",
        "😀",
        "a,b",
        "null",
        "1,2",
        "[object Object]",
        "Infinity",
        ".5",
        "1_0",
    ];

    private static readonly string[] _numbers =
    [
        "0",
        "1",
        "-1",
        "2",
        "5",
        "10",
        "0.5",
        "-2.5",
        "100",
        "1e21",
        "1e-7",
        "123456789012",
        "0.1",
        "3",
        "1740000000",
        "-0",
        "1.0",
        "12345678901234567890",
    ];

    private static readonly string[] _versions = ["1.0.0", "1.2.3", "2.0.0-rc.1", "2.0.0-rc.2", "2.0.0", "10.0.0+a.b"];

    private readonly StringBuilder _json = new();
    private int _left;

    public RandomFlag Next()
    {
        var type = random.Next(4);
        var document = Document(type);
        var expected = Chance(90) ? type : random.Next(4);
        return new RandomFlag(
            document,
            Context(),
            ((string[])["boolean", "string", "number", "object"])[expected],
            1_700_000_000 + random.Next(100_000_000)
        );
    }

    private string Document(int type)
    {
        _json.Clear();
        _json
            .Append("{\"flags\":{")
            .Append(Quoted(Key))
            .Append(":{\"state\":\"")
            .Append(Chance(97) ? "ENABLED" : "DISABLED")
            .Append("\",\"variants\":{");
        string[] variants = ["on", "off", "true", "false", "5", "", "a,b", "1,2", "[object Object]", "ß"];
        _json
            .AppendJoin(',', variants.Where(static name => name.Length > 0).Select((name, i) => $"{Quoted(name)}:{Variant(type, i)}"))
            .Append('}');
        _ = random.Next(6) switch
        {
            0 => _json,
            1 => _json.Append(",\"defaultVariant\":null"),
            2 => _json.Append(",\"defaultVariant\":\"\""),
            _ => _json.Append(",\"defaultVariant\":\"off\""),
        };
        if (Chance(97))
        {
            _left = 4 + random.Next(40);
            _json.Append(",\"targeting\":");
            Targeting();
        }
        _json.Append("}}");
        if (Chance(20))
        {
            _left = 10;
            _json.Append(",\"$evaluators\":{\"first\":");
            Rule(2);
            _json.Append(",\"second\":{\"==\":[{\"var\":\"a\"},\"on\"]}}");
        }
        return _json.Append('}').ToString();
    }

    private static string Variant(int type, int place) =>
        type switch
        {
            0 => place % 2 == 0 ? "true" : "false",
            1 => $"\"value {place}\"",
            2 => place % 2 == 0 ? $"{place}" : $"{place}.25",
            _ => $"{{\"place\":{place},\"list\":[1,\"ü\"]}}",
        };

    private string Context()
    {
        var members = new List<string>();
        foreach (
            var name in (string[])
                ["a", "b", "list", "texts", "user", "deep", "version", "email", "nothing", "größe", "a.b", "objects", "$flagd"]
        )
        {
            if (Chance(name == "$flagd" ? 5 : 70))
            {
                members.Add($"{Quoted(name)}:{Attribute(name)}");
            }
        }
        if (Chance(85))
        {
            members.Add($"\"targetingKey\":{Quoted(Chance(95) ? $"{Pick(_texts)}{random.Next(1000)}" : "")}");
        }
        return $"{{{string.Join(',', members)}}}";
    }

    private string Attribute(string name) =>
        name switch
        {
            _ when Chance(15) => Anything(2),
            "list" => Listed(() => Pick(_numbers)),
            "texts" => Listed(() => Quoted(Pick(_texts))),
            "user" => $"{{\"plan\":{Quoted(Pick(_texts))},\"age\":{Pick(_numbers)},\"tags\":{Listed(() => Quoted(Pick(_texts)))}}}",
            "deep" => $"{{\"er\":{{\"still\":{Anything(1)}}}}}",
            "objects" => Listed(() => $"{{\"plan\":{Primitive()},\"age\":{Pick(_numbers)}}}"),
            "version" => Quoted(Pick(_versions)),
            "email" => Quoted(Pick("me@example.com", "user@example.com", "ü@example.org")),
            "nothing" => "null",
            _ => Primitive(),
        };

    private string Anything(int depth) =>
        random.Next(depth > 0 ? 6 : 3) switch
        {
            4 => Listed(() => Anything(depth - 1)),
            5 => $"{{\"plan\":{Anything(depth - 1)},\"er\":{Primitive()}}}",
            _ => Primitive(),
        };

    private string Listed(Func<string> item) => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => item()))}]";

    private string Primitive() =>
        random.Next(8) switch
        {
            0 => "null",
            1 => "true",
            2 => "false",
            3 or 4 => Pick(_numbers),
            _ => Quoted(Pick(_texts)),
        };

    private string Pick(params ReadOnlySpan<string> of) => of[random.Next(of.Length)];

    private bool Chance(int percent) => random.Next(100) < percent;

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
