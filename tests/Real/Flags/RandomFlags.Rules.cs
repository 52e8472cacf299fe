using System.Globalization;

namespace Teal.Tests.Real.Flags;

internal sealed partial class RandomFlags
{
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
        var iteration = Pick("map", "filter", "all", "some", "none");
        _json.Append("{\"").Append(iteration).Append("\":[");
        if (Chance(60))
        {
            _json.Append("{\"var\":").Append(Quoted(Pick("list", "texts", "user.tags", "a", "objects"))).Append('}');
        }
        else
        {
            Argument(depth - 1);
        }
        _json.Append(',');
        if (iteration == "filter" || Chance(60))
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
}
