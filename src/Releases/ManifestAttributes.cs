namespace Teal.Releases;

/// <summary>The least and the most that a key allows, both allowed, written as in <c>teal.yaml</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WithinAttribute(string least, string most) : Attribute
{
    public string Least { get; } = least;
    public string Most { get; } = most;
}

/// <summary>How many entries a list or a map may have.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CountAttribute(int least, int most) : Attribute
{
    public int Least { get; } = least;
    public int Most { get; } = most;
}

/// <summary>What a text, or each text of a list or map, has to look like.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FormAttribute(TextForm form) : Attribute
{
    public TextForm Form { get; } = form;

    /// <summary>Of a map: what its names have to look like.</summary>
    public TextForm Names { get; init; } = TextForm.EnvName;
}

/// <summary>A group of keys that says nothing but this one may be written as its value alone.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShortAttribute(string property) : Attribute
{
    public string Property { get; } = property;
}

/// <summary>A list of one may be written without its brackets.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOrManyAttribute : Attribute;

/// <summary>The number is a size and is written with its unit.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class InBytesAttribute : Attribute;
