using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Teal.Tests.Real.Flags;

/// <param name="Document">One flag, of key <see cref="RandomFlags.Key"/>.</param>
/// <param name="Type">As flagd-core names it: boolean, string, number, object.</param>
internal sealed record RandomFlag(string Document, string Context, string Type, long Now);

/// <summary>
/// Flags that flagd's schema takes, with targeting over all operations, and contexts for them, of odd types and texts. Left out is
/// what JavaScript knows of a value beyond JSON: names such as <c>length</c> and <c>constructor</c>, and <c>../</c>; and one defect
/// of the interpreter, which takes a <c>reduce</c> over a constant list for constant when its start is not.
/// </summary>
internal sealed class RandomFlags(Random random)
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

    private void Targeting()
    {
        switch (random.Next(10))
        {
            case 0:
                _json.Append("{}");
                break;
            case 1 or 2:
                Fractional(3);
                break;
            case 3:
                _json
                    .Append("{\"if\":[{\"$ref\":\"")
                    .Append(
                        Chance(50) ? "second"
                        : Chance(50) ? "first"
                        : "unknown"
                    )
                    .Append("\"},\"on\",\"off\"]}");
                break;
            case 4 or 5 or 6:
                Operation("if", 2 + random.Next(4), 4);
                break;
            default:
                Rule(4);
                break;
        }
    }

    private void Rule(int depth)
    {
        _left--;
        switch (random.Next(19))
        {
            case 0 or 1:
                Variable(depth);
                break;
            case 2:
                Operation(Pick("and", "or"), 1 + random.Next(3), depth);
                break;
            case 3:
                Operation("if", 1 + random.Next(5), depth);
                break;
            case 4:
                Operation(Pick("==", "!=", "===", "!==", ">", ">="), 2, depth);
                break;
            case 5:
                Operation(Pick("<", "<="), 2 + random.Next(2), depth);
                break;
            case 6:
                Operation(Pick("+", "-", "max", "min"), 1 + random.Next(3), depth);
                break;
            case 7:
                Operation("*", 2 + random.Next(2), depth);
                break;
            case 8:
                Operation(Pick("/", "%"), 2, depth);
                break;
            case 9:
                Operation(Pick("cat", "merge"), 1 + random.Next(3), depth);
                break;
            case 10:
                Operation("in", 2, depth);
                break;
            case 11:
                Operation("substr", 2 + random.Next(2), depth);
                break;
            case 12:
                Negation(depth);
                break;
            case 13:
                Iteration(depth);
                break;
            case 14:
                Missing();
                break;
            case 15:
                Affix(depth);
                break;
            case 16:
                SemVer(depth);
                break;
            case 17:
                Reduce(depth);
                break;
            default:
                Fractional(depth);
                break;
        }
    }

    private void Argument(int depth)
    {
        if (depth > 0 && _left > 0 && Chance(60))
        {
            Rule(depth - 1);
        }
        else if (Chance(85))
        {
            _json.Append(Primitive());
        }
        else
        {
            List(depth);
        }
    }

    private void List(int depth)
    {
        _json.Append('[');
        for (var i = random.Next(4); i > 0; i--)
        {
            if (Chance(15))
            {
                Argument(depth - 1);
            }
            else
            {
                _json.Append(Primitive());
            }
            _json.Append(i > 1 ? "," : "");
        }
        _json.Append(']');
    }

    private void Operation(string name, int count, int depth)
    {
        _json.Append("{\"").Append(name).Append("\":[");
        for (var i = 0; i < count; i++)
        {
            _json.Append(i > 0 ? "," : "");
            Argument(depth - 1);
        }
        _json.Append("]}");
    }

    private void Variable(int depth)
    {
        _json.Append("{\"var\":");
        switch (random.Next(12))
        {
            case 0:
                _json.Append('[').Append(Quoted(Pick(_names))).Append(',').Append(Primitive()).Append(']');
                break;
            case 1:
                _json.Append('[').Append(Quoted(Pick(_names))).Append(']');
                break;
            case 2:
                _json.Append(Pick("1", "null", "0", "false", "true"));
                break;
            case 3 when depth > 0:
                _json.Append("{\"cat\":[{\"var\":\"a\"},").Append(Quoted(Pick("", ".plan", "b"))).Append("]}");
                break;
            default:
                _json.Append(Quoted(Pick(_names)));
                break;
        }
        _json.Append('}');
    }

    private void Negation(int depth)
    {
        _json.Append("{\"").Append(Pick("!", "!!")).Append("\":");
        var isListed = Chance(50);
        _json.Append(isListed ? "[" : "");
        Argument(depth - 1);
        _json.Append(isListed ? "]" : "");
        _json.Append('}');
    }

    private void Iteration(int depth)
    {
        _json.Append("{\"").Append(Pick("map", "filter", "all", "some", "none")).Append("\":[");
        if (Chance(60))
        {
            _json.Append("{\"var\":").Append(Quoted(Pick("list", "texts", "user.tags", "a", "objects"))).Append('}');
        }
        else
        {
            Argument(depth - 1);
        }
        _json.Append(',');
        if (Chance(60))
        {
            var name = Pick("", "", "plan", "age", "user.age");
            _json.Append(
                CultureInfo.InvariantCulture,
                $"{{\"{Pick("==", ">", "<=", "+", "cat", "%")}\":[{{\"var\":\"{name}\"}},{Primitive()}]}}"
            );
        }
        else
        {
            Argument(depth - 1);
        }
        _json.Append("]}");
    }

    private void Reduce(int depth)
    {
        _json.Append("{\"reduce\":[");
        var isConstant = Chance(30);
        if (isConstant)
        {
            _json.Append("[1,2,\"3\",4.5]");
        }
        else
        {
            _json.Append("{\"var\":").Append(Quoted(Pick("list", "texts", "a", "missing"))).Append('}');
        }
        _json.Append(',');
        if (Chance(80))
        {
            var (left, right) = Chance(50) ? ("accumulator", "current") : ("current", "accumulator");
            _json.Append(
                CultureInfo.InvariantCulture,
                $"{{\"{Pick("+", "*", "cat", "max", "merge", "-")}\":[{{\"var\":\"{left}\"}},{{\"var\":\"{right}\"}}]}}"
            );
        }
        else
        {
            Argument(depth - 1);
        }
        _json.Append(',');
        if (isConstant || Chance(70))
        {
            _json.Append(Primitive());
        }
        else
        {
            Argument(depth - 1);
        }
        _json.Append("]}");
    }

    private void Missing()
    {
        var names = string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Quoted(Pick(_names))));
        _json.Append(Chance(50) ? $"{{\"missing\":[{names}]}}" : $"{{\"missing_some\":[{Pick("0", "1", "2", "1.5")},[{names}]]}}");
    }

    private void Affix(int depth)
    {
        _json.Append("{\"").Append(Pick("starts_with", "ends_with")).Append("\":[");
        TextArgument(depth);
        _json.Append(',');
        TextArgument(depth);
        _json.Append("]}");
    }

    private void TextArgument(int depth)
    {
        if (Chance(60))
        {
            _json.Append("{\"var\":").Append(Quoted(Pick("email", "a", "texts.0", "list"))).Append('}');
        }
        else if (depth > 0 && Chance(30))
        {
            Rule(depth - 1);
        }
        else
        {
            _json.Append(Quoted(Pick(_texts)));
        }
    }

    private void SemVer(int depth)
    {
        _json.Append("{\"sem_ver\":[{\"var\":").Append(Quoted(Pick("version", "version", "a", "list.1"))).Append("},\"");
        _json.Append(Pick("=", "!=", "<", "<=", ">", ">=", "^", "~")).Append("\",").Append(Quoted(Pick(_versions))).Append("]}");
        _ = depth;
    }

    private void Fractional(int depth)
    {
        _json.Append("{\"fractional\":[");
        var hasKey = Chance(70);
        if (hasKey && Chance(60))
        {
            _json.Append(
                CultureInfo.InvariantCulture,
                $"{{\"cat\":[\"salt\",{{\"var\":{Quoted(Pick("targetingKey", "email", "a", "user.age"))}}}]}}"
            );
        }
        else if (hasKey)
        {
            Rule(depth - 1);
        }
        for (var i = 1 + random.Next(3); i > 0; i--)
        {
            _json.Append(_json[^1] == '[' ? "[" : ",[");
            if (Chance(85))
            {
                _json.Append(Pick("\"on\"", "\"off\"", "\"true\"", "true", "5", "null", "\"ß\"", "\"nobody\""));
            }
            else
            {
                Argument(depth - 1);
            }
            Weight(depth);
            _json.Append(']');
        }
        _json.Append("]}");
    }

    private void Weight(int depth)
    {
        switch (random.Next(8))
        {
            case 0:
                break;
            case 1 when depth > 0 && _left > 0:
                _json.Append(',');
                Rule(depth - 1);
                break;
            case 2:
                _json.Append(",{\"-\":[{\"var\":\"$flagd.timestamp\"},1740000000]}");
                break;
            case 3:
                _json.Append(",2147483647");
                break;
            default:
                _json.Append(CultureInfo.InvariantCulture, $",{random.Next(100)}");
                break;
        }
    }

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
