namespace Teal.Flags;

/// <summary>
/// Makes rules of terms. What needs no context is worked out here and now, as json-logic-engine does it: what fails then makes every
/// rule hopeless that needs its value.
/// </summary>
internal sealed partial class RuleBuilder(IReadOnlyDictionary<string, JsonTerm> evaluators)
{
    /// <summary>For all of a document together: a constant that costs more is nobody's honest rule.</summary>
    private const int StepsForConstants = 5_000_000;

    private static readonly HopelessRule _hopeless = new(isConstant: true, isFixedInside: true);

    private readonly Dictionary<string, (LogicRule LogicRule, JsonTerm? Unknown)> _built = new(StringComparer.Ordinal);
    private int _stepsLeft = StepsForConstants;
    private JsonTerm? _unknown;

    /// <summary>The constants of this document cost more than can be spent on them.</summary>
    public bool IsTooCostly => _stepsLeft <= 0;

    /// <param name="unknown">A <c>$ref</c> in it that names no evaluator.</param>
    public LogicRule Build(JsonTerm term, out JsonTerm? unknown)
    {
        _unknown = null;
        var rule = Build(term);
        unknown = _unknown;
        return rule;
    }

    private LogicRule Build(JsonTerm term)
    {
        if (term.Kind == ValueKind.List)
        {
            return ListOf(term);
        }
        if (term.Kind != ValueKind.Object)
        {
            return new ConstantRule(Value(term));
        }
        if (term.Items.Length == 0)
        {
            return new ConstantRule(ContextValue.Of(ContextObject.Empty));
        }
        return term.IsOperation(out var arguments) ? BuildOperation(arguments) : _hopeless;
    }

    private LogicRule ListOf(JsonTerm term)
    {
        var items = BuildAll(term.Items);
        if (Array.Exists(items, static item => item.IsHopeless))
        {
            return HopelessOf(items, new ListRule(items));
        }
        return Array.TrueForAll(items, static item => item.IsConstant)
            ? new ConstantRule(ContextValue.OfNew([.. items.Select(static item => ((ConstantRule)item).Value)]))
            : new ListRule(items);
    }

    private LogicRule BuildOperation(JsonTerm arguments) =>
        arguments.Name switch
        {
            "$ref" => Referenced(arguments),
            "var" => Variable(arguments),
            "if" or "?:" => Choice(arguments),
            "and" or "or" => arguments.Kind != ValueKind.List
                ? _hopeless
                : Lazily(BuildAll(arguments.Items), rules => new JunctionRule(rules, deciding: arguments.Name == "or")),
            "map" => Iterating(arguments, Iteration.Map),
            "filter" => Filter(arguments),
            "all" => Iterating(arguments, Iteration.All),
            "some" => Iterating(arguments, Iteration.Some),
            "none" => Iterating(arguments, Iteration.None),
            "reduce" => Reduce(arguments),
            _ => ComparisonOf(arguments.Name!) is { } comparison ? Compare(arguments, comparison) : BuildValues(arguments),
        };

    private LogicRule BuildValues(JsonTerm arguments) =>
        arguments.Name switch
        {
            "+" or "-" => Eagerly(arguments, true, (rules, isSpread) => new ArithmeticRule(rules, isSpread, arguments.Name[0])),
            "*" or "/" or "%" => Eagerly(arguments, false, (rules, isSpread) => new ArithmeticRule(rules, isSpread, arguments.Name[0])),
            "max" => Eagerly(arguments, false, static (rules, isSpread) => new ExtremeRule(rules, isSpread, isGreatest: true)),
            "min" => Eagerly(arguments, false, static (rules, isSpread) => new ExtremeRule(rules, isSpread, isGreatest: false)),
            "cat" => Eagerly(arguments, true, static (rules, isSpread) => new CatRule(rules, isSpread)),
            "substr" => Eagerly(arguments, false, static (rules, isSpread) => new SubstringRule(rules, isSpread)),
            "in" => Eagerly(arguments, false, static (rules, isSpread) => new InRule(rules, isSpread)),
            "merge" => Eagerly(arguments, false, static (rules, isSpread) => new MergeRule(rules, isSpread)),
            "!" => Eagerly(arguments, true, static (rules, isSpread) => new TruthRule(rules, isSpread, isNegated: true)),
            "!!" => Eagerly(arguments, true, static (rules, isSpread) => new TruthRule(rules, isSpread, isNegated: false)),
            "missing" when arguments is { Kind: ValueKind.List, Items: [] } => new ConstantRule(ContextValue.OfNew([])),
            "missing" => Eagerly(arguments, false, static (rules, isSpread) => new MissingRule(rules, isSpread)),
            "missing_some" => Eagerly(arguments, false, static (rules, isSpread) => new MissingSomeRule(rules, isSpread)),
            "starts_with" => Eagerly(arguments, false, static (rules, isSpread) => new AffixRule(rules, isSpread, isPrefix: true)),
            "ends_with" => Eagerly(arguments, false, static (rules, isSpread) => new AffixRule(rules, isSpread, isPrefix: false)),
            "sem_ver" => Eagerly(arguments, false, static (rules, isSpread) => new SemVerRule(rules, isSpread)),
            "fractional" => Eagerly(arguments, false, (rules, isSpread) => new FractionalRule(rules, isSpread, arguments.Parent!.Path())),
            _ => _hopeless,
        };

    /// <summary>An operation that needs all of its values.</summary>
    /// <param name="opensOne">A list of one argument is that argument, unless it is a list itself.</param>
    private LogicRule Eagerly(JsonTerm arguments, bool opensOne, Func<LogicRule[], bool, LogicRule> make)
    {
        var opens = opensOne && arguments.Items is [{ Kind: not ValueKind.List }];
        var isSpread = arguments.Kind != ValueKind.List || opens;
        var rules = arguments.Kind == ValueKind.List ? BuildAll(arguments.Items) : [Build(arguments)];
        var made = make(rules, isSpread);
        return Array.Exists(rules, static rule => rule.IsHopeless) ? HopelessOf(rules, made) : WhenConstant(rules, made);
    }

    private LogicRule Lazily(LogicRule[] rules, Func<LogicRule[], LogicRule> make) => WhenConstant(rules, make(rules));

    /// <summary>Its value, when all that it is made of is constant or hopeless; itself otherwise.</summary>
    private LogicRule WhenConstant(LogicRule[] parts, LogicRule rule) =>
        rule.IsFixedInside && Array.TrueForAll(parts, static part => part.IsSettled) ? Fixed(rule) : rule;

    /// <summary>What stands in for a rule that needs the value of a hopeless part.</summary>
    private static HopelessRule HopelessOf(LogicRule[] parts, LogicRule rule) =>
        new(rule.IsFixedInside && Array.TrueForAll(parts, static part => part.IsSettled), rule.IsFixedInside);

    private LogicRule Fixed(LogicRule rule)
    {
        var walk = new Walk(EvaluationContext.Empty, "", 0, Math.Min(_stepsLeft, Walk.UsualSteps));
        var before = walk.StepsLeft;
        var value = rule.Evaluate(ref walk);
        _stepsLeft -= before - walk.StepsLeft + 1;
        return walk.HasFailed ? _hopeless : new ConstantRule(value);
    }

    private LogicRule[] BuildAll(JsonTerm[] terms) => terms.Length == 0 ? [] : Array.ConvertAll(terms, Build);

    private static ContextValue Value(JsonTerm term) =>
        term.Kind switch
        {
            ValueKind.Boolean => ContextValue.From(term.IsTrue),
            ValueKind.Number => ContextValue.Computed(term.Number),
            ValueKind.String => ContextValue.From(term.Text!),
            _ => default,
        };
}
