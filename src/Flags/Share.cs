using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Teal.Flags;

/// <summary>A part of the whole, in steps of 0.01 %. Written <c>5%</c> in every file and message.</summary>
[JsonConverter(typeof(ShareJson))]
public readonly record struct Share : IComparable<Share>
{
    /// <summary>The number of parts in a whole: one part is 0.01 %.</summary>
    public const int Whole = 10_000;

    public static readonly Share None;
    public static readonly Share All = new(Whole);

    /// <param name="parts">Parts of ten thousand, 0 to <see cref="Whole"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than none, or more than all.</exception>
    public Share(int parts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(parts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, Whole);
        Parts = parts;
    }

    public int Parts { get; }

    /// <summary>Between 0 and 1.</summary>
    public double Fraction => (double)Parts / Whole;

    /// <summary>Reads <c>5%</c>, <c>0.01%</c>, <c>100%</c>. The unit is required; more than two decimals are refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Share share)
    {
        share = None;
        if (text is null || text.Length is < 2 or > 8 || text[^1] != '%')
        {
            return false;
        }
        const NumberStyles plain = NumberStyles.AllowDecimalPoint;
        if (!decimal.TryParse(text.AsSpan(0, text.Length - 1), plain, CultureInfo.InvariantCulture, out var percent))
        {
            return false;
        }
        var parts = percent * 100;
        if (parts < 0 || parts > Whole || parts != decimal.Truncate(parts))
        {
            return false;
        }
        share = new Share((int)parts);
        return true;
    }

    public int CompareTo(Share other) => Parts.CompareTo(other.Parts);

    public override string ToString() => (Parts / 100m).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    public static bool operator <(Share left, Share right) => left.Parts < right.Parts;

    public static bool operator >(Share left, Share right) => left.Parts > right.Parts;

    public static bool operator <=(Share left, Share right) => left.Parts <= right.Parts;

    public static bool operator >=(Share left, Share right) => left.Parts >= right.Parts;
}

/// <summary>Public because the JSON source generators of other assemblies construct it.</summary>
public sealed class ShareJson : JsonConverter<Share>
{
    public override Share Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Share.TryParse(reader.GetString(), out var share) ? share : throw new JsonException("A share is written like 5% or 0.01%.");

    public override void Write(Utf8JsonWriter writer, Share value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
