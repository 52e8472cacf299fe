using System.Text;

namespace Teal.Flags;

/// <summary>
/// One walk through a tree of rules for one context: where it stands, what it may still spend, whether it failed. A failure ends the
/// whole evaluation, so rules need not look for it: whatever they answer after it is thrown away.
/// </summary>
internal struct Walk
{
    /// <summary>About 4 ms on a slow core; a rule of ten nodes spends ten.</summary>
    public const int UsualSteps = 200_000;

    /// <summary>What <c>$flagd</c> is in the context: an object whose members are computed.</summary>
    private static readonly ContextObject _injected = MakeInjected();

    private readonly ContextObject _root;
    private readonly string _flagKey;
    private readonly double _timestampSeconds;
    private int _steps;

    public Walk(EvaluationContext context, string flagKey, double timestampSeconds, int steps)
    {
        Context = context;
        _root = context.Members;
        _flagKey = flagKey;
        _timestampSeconds = timestampSeconds;
        _steps = steps;
        Scope = ContextValue.Of(_root);
        IsAtRoot = true;
    }

    public readonly EvaluationContext Context { get; }

    public readonly string FlagKey => _flagKey;

    /// <summary>What <c>var</c> looks into: the context, or inside of <c>map</c> and its like the element.</summary>
    public ContextValue Scope { get; set; }

    /// <summary>False inside of <c>map</c> and its like, where flagd's own operations do not work.</summary>
    public bool IsAtRoot { get; set; }

    public bool HasFailed { get; private set; }

    public readonly int StepsLeft => _steps;

    /// <summary>Null except when somebody asked for an explanation.</summary>
    public List<ExplainedDraw>? Draws { get; init; }

    public ContextValue Fail()
    {
        HasFailed = true;
        return default;
    }

    /// <summary>Fails when more than the bound has been spent.</summary>
    public bool Spend(int steps)
    {
        if ((_steps -= steps) >= 0)
        {
            return true;
        }
        _steps = 0;
        HasFailed = true;
        return false;
    }

    /// <summary>One member of an object, element of a list or char of a text; false when there is none.</summary>
    public readonly bool TryMember(ContextValue owner, string name, out ContextValue value)
    {
        value = default;
        if (owner.Object is { } members)
        {
            return ReferenceEquals(members, _root) || ReferenceEquals(members, _injected)
                ? TryInjected(members, name, out value)
                : members.TryGet(name, out value);
        }
        if (owner.Items is { } items)
        {
            return TryPlace(name, items.Length, out var place, out value) || (place >= 0 && Take(items[place], out value));
        }
        return owner.Text is { } text
            && (TryPlace(name, text.Length, out var at, out value) || (at >= 0 && Take(ContextValue.From(text[at].ToString()), out value)));
    }

    /// <summary>JSONLogic's truth: empty lists, empty texts, 0 and null are false.</summary>
    public readonly bool IsTruthy(ContextValue value) =>
        value.Kind switch
        {
            ValueKind.Boolean => value.IsTrue,
            ValueKind.Number => value.Double != 0 && !double.IsNaN(value.Double),
            ValueKind.String => value.Text!.Length > 0,
            ValueKind.List => value.Items!.Length > 0,
            // The context itself is never empty: flagd puts its own member in.
            ValueKind.Object => value.Object!.Count > 0 || ReferenceEquals(value.Object, _root),
            _ => false,
        };

    /// <summary>JavaScript's truth: every list and object is true.</summary>
    public readonly bool IsLooselyTrue(ContextValue value) => value.IsListOrObject || IsTruthy(value);

    /// <summary>JavaScript's <c>Number(value)</c>.</summary>
    public double ToNumber(ContextValue value) =>
        value.Kind switch
        {
            ValueKind.Null => 0,
            ValueKind.Boolean => value.IsTrue ? 1 : 0,
            ValueKind.Number => value.Double,
            _ => JsNumber.Parse(ToText(value)),
        };

    /// <summary>JavaScript's <c>String(value)</c>.</summary>
    public string ToText(ContextValue value)
    {
        if (value.Text is { } text)
        {
            return text;
        }
        if (value.Items is null)
        {
            return Word(value);
        }
        var joined = new StringBuilder();
        Append(joined, value);
        return joined.ToString();
    }

    /// <summary>Writes <see cref="ToText"/>, each char of which is paid for.</summary>
    public void Append(StringBuilder text, ContextValue value)
    {
        if (value.Items is not { } items)
        {
            var word = ToText(value);
            if (Spend(1 + (word.Length / 8)))
            {
                text.Append(word);
            }
            return;
        }
        for (var i = 0; i < items.Length && Spend(1); i++)
        {
            text.Append(i > 0 ? "," : "");
            if (!items[i].IsNull)
            {
                Append(text, items[i]);
            }
        }
    }

    private static string Word(ContextValue value) =>
        value.Kind switch
        {
            ValueKind.Null => "null",
            ValueKind.Boolean => value.IsTrue ? "true" : "false",
            ValueKind.Number => JsNumber.Format(value.Double),
            _ => "[object Object]",
        };

    private readonly bool TryInjected(ContextObject members, string name, out ContextValue value)
    {
        if (ReferenceEquals(members, _root))
        {
            return name == "$flagd" ? Take(ContextValue.Of(_injected), out value) : members.TryGet(name, out value);
        }
        value = name switch
        {
            "flagKey" => ContextValue.From(_flagKey),
            "timestamp" => ContextValue.Computed(_timestampSeconds),
            _ => default,
        };
        return !value.IsNull;
    }

    private static bool Take(ContextValue found, out ContextValue value)
    {
        value = found;
        return true;
    }

    /// <summary>True with the length; or false with the place that the name means, −1 for none.</summary>
    private static bool TryPlace(string name, int length, out int place, out ContextValue value)
    {
        value = default;
        place = -1;
        if (name == "length")
        {
            value = ContextValue.Computed(length);
            return true;
        }
        if (name.Length is > 0 and < 9 && (name[0] != '0' || name.Length == 1))
        {
            var number = 0;
            foreach (var digit in name)
            {
                if (!char.IsAsciiDigit(digit))
                {
                    return false;
                }
                number = (number * 10) + digit - '0';
            }
            place = number < length ? number : -1;
        }
        return false;
    }

    private static ContextObject MakeInjected() =>
        ContextObject.TryMake(["flagKey", "timestamp"], [default, default], out var made, out _) ? made : ContextObject.Empty;
}
