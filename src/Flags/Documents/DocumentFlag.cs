using System.Collections.Frozen;

namespace Teal.Flags;

public sealed record FlagVariant(string Name, FlagValue Value);

/// <summary>One flag of a document.</summary>
public sealed class DocumentFlag
{
    private const int FewVariants = 8;

    private readonly FlagVariant[] _variants;
    private readonly FrozenDictionary<string, FlagVariant>? _byName;
    private readonly LogicRule? _targeting;
    private readonly bool _isUsable;

    internal DocumentFlag(
        string key,
        bool isEnabled,
        FlagVariant[] variants,
        FlagVariant? defaultVariant,
        IReadOnlyDictionary<string, FlagValue> metadata,
        (LogicRule? LogicRule, bool IsUsable) targeting
    )
    {
        Key = key;
        IsEnabled = isEnabled;
        DefaultVariant = defaultVariant;
        Metadata = metadata;
        _variants = variants;
        _byName =
            variants.Length > FewVariants ? variants.ToFrozenDictionary(static variant => variant.Name, StringComparer.Ordinal) : null;
        (_targeting, _isUsable) = targeting;
    }

    public string Key { get; }

    /// <summary>False for state <c>DISABLED</c>.</summary>
    public bool IsEnabled { get; }

    /// <summary>In the order of the document, all of one kind (integers and doubles are both numbers).</summary>
    public IReadOnlyList<FlagVariant> Variants => _variants;

    /// <summary>Null when the code's own default applies.</summary>
    public FlagVariant? DefaultVariant { get; }

    public bool HasTargeting => _targeting is not null;

    /// <summary>Of the flag as it is written, in 64 bits: the same text, the same stamp. What it refers to is not part of it.</summary>
    public ulong Stamp { get; init; }

    /// <summary>The flag set's metadata under the flag's own.</summary>
    public IReadOnlyDictionary<string, FlagValue> Metadata { get; }

    /// <inheritdoc cref="FlagDocument.Evaluate"/>
    public Evaluation Evaluate(EvaluationContext context, DateTimeOffset now, ExpectedType expected = ExpectedType.Any)
    {
        if (!IsEnabled)
        {
            return new Evaluation(this, null, EvaluationReason.Disabled);
        }
        if (_targeting is null)
        {
            return Settled(DefaultVariant, EvaluationReason.Static, expected);
        }
        if (!_isUsable)
        {
            return Failed(EvaluationError.ParseError);
        }
        var walk = new Walk(context, Key, now.ToUnixTimeSeconds(), Walk.UsualSteps);
        var value = _targeting.Evaluate(ref walk);
        return Resolved(ref walk, value, expected);
    }

    internal Explanation Explain(EvaluationContext context, DateTimeOffset now)
    {
        var evaluation = Evaluate(context, now);
        var arms = new List<ExplainedArm>();
        var draws = new List<ExplainedDraw>();
        if (IsEnabled && _isUsable && _targeting is not null)
        {
            var walk = new Walk(context, Key, now.ToUnixTimeSeconds(), Walk.UsualSteps) { Draws = draws };
            var rule = _targeting;
            while (rule is IfRule choice && !walk.HasFailed)
            {
                rule = choice.Choose(ref walk, out var arm);
                arms.Add(new ExplainedArm(choice.Path, arm, choice.Arms));
            }
            if (!walk.HasFailed)
            {
                rule.Evaluate(ref walk);
            }
        }
        return new Explanation(Key, evaluation, ExplanationWords.Why(this, evaluation, arms, draws), arms, draws);
    }

    private Evaluation Resolved(ref Walk walk, ContextValue value, ExpectedType expected)
    {
        if (walk.HasFailed)
        {
            return Failed(EvaluationError.General);
        }
        if (value.IsNull)
        {
            return Settled(DefaultVariant, EvaluationReason.Default, expected);
        }
        var name = value.Text ?? walk.ToText(value);
        return !walk.HasFailed && VariantNamed(name) is { } variant
            ? Settled(variant, EvaluationReason.TargetingMatch, expected)
            : Failed(EvaluationError.General);
    }

    /// <summary>Without a variant the code's own default applies, whatever led here.</summary>
    private Evaluation Settled(FlagVariant? variant, EvaluationReason reason, ExpectedType expected)
    {
        if (variant is null)
        {
            return new Evaluation(this, null, EvaluationReason.Default);
        }
        return expected == ExpectedType.Any || Fits(variant.Value, expected)
            ? new Evaluation(this, variant, reason)
            : Failed(EvaluationError.TypeMismatch);
    }

    private static bool Fits(in FlagValue value, ExpectedType expected) =>
        expected switch
        {
            ExpectedType.Boolean => value.Kind == FlagValueKind.Boolean,
            ExpectedType.String => value.Kind == FlagValueKind.String,
            ExpectedType.Integer => value.Kind == FlagValueKind.Integer || value.IsWhole,
            ExpectedType.Double => value.Kind is FlagValueKind.Integer or FlagValueKind.Double,
            ExpectedType.Object => value.Kind == FlagValueKind.Object,
            _ => true,
        };

    private Evaluation Failed(EvaluationError error) => new(this, null, EvaluationReason.Error, error);

    private FlagVariant? VariantNamed(string name)
    {
        if (_byName is not null)
        {
            return _byName.GetValueOrDefault(name);
        }
        foreach (var variant in _variants)
        {
            if (variant.Name == name)
            {
                return variant;
            }
        }
        return null;
    }
}
