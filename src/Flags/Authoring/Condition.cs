using System.Text.Json.Serialization;

namespace Teal.Flags;

/// <summary>Who is meant: a small closed language that every flagd engine can evaluate, as it compiles to JSONLogic.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(InSegment), "segment")]
[JsonDerivedType(typeof(Attribute), "attribute")]
[JsonDerivedType(typeof(All), "all")]
[JsonDerivedType(typeof(Any), "any")]
[JsonDerivedType(typeof(Not), "not")]
public abstract record Condition
{
    public sealed record InSegment(string Segment) : Condition;

    /// <param name="Name">Of the context, with dots for what lies deeper: <c>plan</c>, <c>device.os</c>.</param>
    /// <param name="Values">One of them has to fit; how many there may be follows from the test (<see cref="Test"/>).</param>
    public sealed record Attribute(string Name, Test Test, IReadOnlyList<VariantValue> Values) : Condition;

    public sealed record All(IReadOnlyList<Condition> Conditions) : Condition;

    public sealed record Any(IReadOnlyList<Condition> Conditions) : Condition;

    public sealed record Not(Condition Condition) : Condition;
}

/// <summary>What an attribute is asked. An attribute that is absent, or of a kind that the test does not know, does not pass.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Test>))]
public enum Test
{
    /// <summary>The same kind and value; one value.</summary>
    [JsonStringEnumMemberName("equals")]
    Equals,

    /// <summary>Equals one of the values.</summary>
    [JsonStringEnumMemberName("in")]
    In,

    /// <summary>The opposite of <see cref="In"/>: an absent attribute passes.</summary>
    [JsonStringEnumMemberName("not_in")]
    NotIn,

    /// <summary>Texts only; one of the values is enough, as with the next two.</summary>
    [JsonStringEnumMemberName("starts_with")]
    StartsWith,

    [JsonStringEnumMemberName("ends_with")]
    EndsWith,

    /// <summary>A text that holds the value, or a list that has it.</summary>
    [JsonStringEnumMemberName("contains")]
    Contains,

    /// <summary>One number. Texts count as the number they write, as JSONLogic has it; this also holds for the next three.</summary>
    [JsonStringEnumMemberName("less")]
    Less,

    [JsonStringEnumMemberName("at_most")]
    AtMost,

    [JsonStringEnumMemberName("greater")]
    Greater,

    [JsonStringEnumMemberName("at_least")]
    AtLeast,

    /// <summary>One text: an operator of <c>= != &lt; &lt;= &gt; &gt;= ^ ~</c> and a version, like <c>&gt;=2.1.0</c>.</summary>
    [JsonStringEnumMemberName("sem_ver")]
    SemVer,

    /// <summary>There and not null; no value.</summary>
    [JsonStringEnumMemberName("exists")]
    Exists,
}

public static class TestWords
{
    /// <summary>As it stands in files: <c>starts_with</c>.</summary>
    public static string Word(this Test test) =>
        test switch
        {
            Test.Equals => "equals",
            Test.In => "in",
            Test.NotIn => "not_in",
            Test.StartsWith => "starts_with",
            Test.EndsWith => "ends_with",
            Test.Contains => "contains",
            Test.Less => "less",
            Test.AtMost => "at_most",
            Test.Greater => "greater",
            Test.AtLeast => "at_least",
            Test.SemVer => "sem_ver",
            _ => "exists",
        };
}
