namespace Teal.Flags;

internal sealed partial class RuleBuilder
{
    /// <summary>A <c>var</c> whose name cannot be had: it fails, and yet is none that needs no context.</summary>
    private static readonly HopelessRule _hopelessName = new(isConstant: false, isFixedInside: true);

    /// <summary>Each evaluator is built once and shared, so that references to references grow nothing.</summary>
    private LogicRule Referenced(JsonTerm name)
    {
        if (name.Text is not { } key || !evaluators.TryGetValue(key, out var evaluator))
        {
            _unknown ??= name;
            return _hopeless;
        }
        if (!_built.TryGetValue(key, out var built))
        {
            var outside = _unknown;
            _unknown = null;
            built = (Build(evaluator), _unknown);
            _unknown = outside;
            _built.Add(key, built);
        }
        _unknown ??= built.Unknown is null ? null : name;
        return built.LogicRule;
    }

    private LogicRule Variable(JsonTerm arguments)
    {
        var name = arguments.Items is [{ Kind: not ValueKind.List } only] && arguments.Kind == ValueKind.List ? only : arguments;
        if (name.Kind == ValueKind.List)
        {
            var rules = BuildAll(name.Items);
            return Array.Exists(rules, static rule => rule.IsHopeless) ? _hopelessName : new VariableRule(rules, isSpread: false);
        }
        return Build(name) switch
        {
            HopelessRule => _hopelessName,
            ConstantRule constant => VariableNamed(constant.Value),
            var computed => new VariableRule([computed], isSpread: true),
        };
    }

    private static LogicRule VariableNamed(ContextValue name)
    {
        // As in the interpreter, 0 and false are no names.
        if (name.IsNull || name.Text is "" || (name.IsNumber && name.Double == 0) || (name.IsBoolean && !name.IsTrue))
        {
            return new ScopeRule();
        }
        if (name.IsNumber)
        {
            return new AttributeRule(JsNumber.Format(name.Double));
        }
        if (name.Text is not { } text)
        {
            return _hopelessName;
        }
        if (text.AsSpan().IndexOfAny('.', '\\') < 0)
        {
            return new AttributeRule(text);
        }
        var path = VariablePath.Split(text);
        return new PathRule(path, stopsAtFalse: path.Length is 2 or 3);
    }

    private LogicRule Choice(JsonTerm arguments)
    {
        if (arguments.Kind != ValueKind.List)
        {
            return _hopeless;
        }
        var rules = BuildAll(arguments.Items);
        // Of three arguments the interpreter prepares all, of more only the ones that it comes to.
        if (rules.Length == 3 && Array.Exists(rules, static rule => rule.IsHopeless))
        {
            return HopelessOf(rules, new ListRule(rules));
        }
        // A condition alone is its own value.
        return rules.Length == 1
            ? Lazily(rules, static parts => new JunctionRule(parts, deciding: true))
            : Lazily(rules, parts => new IfRule(parts, arguments.Parent!.Path()));
    }

    private LogicRule Iterating(JsonTerm arguments, Iteration iteration)
    {
        if (arguments.Kind != ValueKind.List)
        {
            return _hopeless;
        }
        var rules = BuildAll(arguments.Items);
        var list = rules.Length > 0 ? rules[0] : new ConstantRule(default);
        var each = rules.Length > 1 ? rules[1] : new ConstantRule(default);
        return WhenConstant([list], new IterationRule(list, each, iteration));
    }

    private LogicRule Filter(JsonTerm arguments)
    {
        if (arguments.Kind != ValueKind.List || arguments.Items.Length != 2)
        {
            return Iterating(arguments, Iteration.Filter);
        }
        switch (Build(arguments.Items[1]))
        {
            case HopelessRule hopeless:
                var over = Build(arguments.Items[0]);
                return HopelessOf([over], new IterationRule(over, hopeless, Iteration.Filter));
            case ConstantRule constant:
                var walk = new Walk(EvaluationContext.Empty, "", 0, 1);
                var list = Build(arguments.Items[0]);
                // Nothing of a list that is not known yet is nothing, and yet no constant to the interpreter.
                return walk.IsTruthy(constant.Value) ? list
                    : list.IsConstant ? new ConstantRule(ContextValue.OfNew([]))
                    : new ListRule([]);
            default:
                return Iterating(arguments, Iteration.Filter);
        }
    }

    private LogicRule Reduce(JsonTerm arguments)
    {
        if (arguments.Kind != ValueKind.List || arguments.Items.Length < 2)
        {
            return _hopeless;
        }
        var terms = arguments.Items;
        if (terms[1].Kind == ValueKind.Null)
        {
            // The interpreter stumbles over it before it looks at the list.
            var list = Build(terms[0]);
            return new HopelessRule(list.IsSettled, list.IsFixedInside);
        }
        return SumOrProduct(terms) ?? Reducing(BuildAll(terms));
    }

    private LogicRule Reducing(LogicRule[] rules)
    {
        var start = rules.Length > 2 ? rules[2] : null;
        var parts = start is null ? rules[..1] : [rules[0], start];
        return WhenConstant(parts, new ReduceRule(rules[0], rules[1], start));
    }

    /// <summary>
    /// A <c>reduce</c> that only adds or multiplies is to the interpreter the sum or product of its list, which takes more for a list
    /// than <c>reduce</c> does.
    /// </summary>
    private LogicRule? SumOrProduct(JsonTerm[] terms)
    {
        if (!terms[1].IsOperation(out var each) || each.Name is not ("+" or "*") || !AreAccumulatorAndCurrent(each))
        {
            return null;
        }
        var isSum = each.Name == "+";
        var sign = each.Name[0];
        var inner = ListedOver(terms[0], opensOne: isSum, sign);
        var start = terms.Length > 2 ? Build(terms[2]) : new ConstantRule(ContextValue.Computed(isSum ? 0 : 1));
        LogicRule[] both = [inner, start];
        var made = new ArithmeticRule(both, isSpread: false, sign);
        return inner.IsHopeless || start.IsHopeless ? HopelessOf(both, made) : WhenConstant(both, made);
    }

    private LogicRule ListedOver(JsonTerm list, bool opensOne, char sign) =>
        Eagerly(list, opensOne, (rules, isSpread) => new ArithmeticRule(rules, isSpread, sign));

    private static bool AreAccumulatorAndCurrent(JsonTerm arguments)
    {
        if (arguments.Kind != ValueKind.List || arguments.Items.Length != 2)
        {
            return false;
        }
        var names = arguments.Items.Select(static item => item.IsOperation(out var name) && name.Name == "var" ? name.Text : null).ToList();
        return names.Contains("accumulator") && names.Contains("current");
    }

    private LogicRule Compare(JsonTerm arguments, Comparison comparison)
    {
        if (arguments.Kind != ValueKind.List || arguments.Items.Length < 2)
        {
            return _hopeless;
        }
        var rules = BuildAll(arguments.Items);
        var made = new CompareRule(rules, comparison);
        return Array.Exists(rules, static rule => rule.IsHopeless) ? HopelessOf(rules, made) : WhenConstant(rules, made);
    }

    private static Comparison? ComparisonOf(string name) =>
        name switch
        {
            "==" => Comparison.Equal,
            "!=" => Comparison.NotEqual,
            "===" => Comparison.Same,
            "!==" => Comparison.NotSame,
            "<" => Comparison.Less,
            "<=" => Comparison.LessOrEqual,
            ">" => Comparison.Greater,
            ">=" => Comparison.GreaterOrEqual,
            _ => null,
        };
}
