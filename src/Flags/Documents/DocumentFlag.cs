namespace Teal.Flags;

public sealed record FlagVariant(string Name, FlagValue Value);

/// <summary>One flag of a document.</summary>
public sealed class DocumentFlag
{
    public string Key => throw new NotSupportedException();

    /// <summary>False for state <c>DISABLED</c>.</summary>
    public bool IsEnabled => throw new NotSupportedException();

    /// <summary>In the order of the document, all of one kind (integers and doubles are both numbers).</summary>
    public IReadOnlyList<FlagVariant> Variants => throw new NotSupportedException();

    /// <summary>Null when the code's own default applies.</summary>
    public FlagVariant? DefaultVariant => throw new NotSupportedException();

    public bool HasTargeting => throw new NotSupportedException();

    /// <summary>The flag set's metadata under the flag's own.</summary>
    public IReadOnlyDictionary<string, FlagValue> Metadata => throw new NotSupportedException();

    /// <inheritdoc cref="FlagDocument.Evaluate"/>
    public Evaluation Evaluate(EvaluationContext context, DateTimeOffset now, ExpectedType expected = ExpectedType.Any) =>
        throw new NotSupportedException();
}
