using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Teal.Flags;

/// <summary>What kind of value a flag has. A number written without fraction or exponent is an <see cref="Integer"/>.</summary>
public enum FlagKind : byte
{
    None,
    Boolean,
    String,
    Integer,
    Double,
    Object,
}

/// <summary>A value of a flag or of its metadata: a boolean, a text, a number or a JSON object. Nothing is boxed.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Values are read, not compared: two objects have no cheap equality.")]
public readonly struct FlagValue
{
    private readonly object? _content;
    private readonly long _bits;

    private FlagValue(FlagKind kind, long bits, object? content)
    {
        Kind = kind;
        _bits = bits;
        _content = content;
    }

    public FlagKind Kind { get; }

    /// <exception cref="InvalidOperationException">The value is of another kind; so for each of these.</exception>
    public bool AsBoolean => Kind == FlagKind.Boolean ? _bits != 0 : throw Not(FlagKind.Boolean);

    public string AsString => Kind == FlagKind.String ? (string)_content! : throw Not(FlagKind.String);

    /// <summary>An integer, or a double that is a whole number and fits.</summary>
    public long AsInteger =>
        Kind == FlagKind.Integer ? _bits
        : IsWhole ? (long)AsDouble
        : throw Not(FlagKind.Integer);

    /// <summary>Any number; an integer beyond 2^53 is rounded as every JSON reader rounds it.</summary>
    public double AsDouble =>
        Kind switch
        {
            FlagKind.Integer => _bits,
            FlagKind.Double => BitConverter.Int64BitsToDouble(_bits),
            _ => throw Not(FlagKind.Double),
        };

    /// <summary>The object as UTF-8 JSON, as it is written in the document.</summary>
    public ReadOnlyMemory<byte> AsObject => Kind == FlagKind.Object ? (byte[])_content! : throw Not(FlagKind.Object);

    internal bool IsWhole =>
        Kind == FlagKind.Double
        && BitConverter.Int64BitsToDouble(_bits) is >= -9007199254740992 and <= 9007199254740992 and var number
        && number == Math.Truncate(number);

    public static FlagValue From(bool value) => new(FlagKind.Boolean, value ? 1 : 0, null);

    public static FlagValue From(string value) => new(FlagKind.String, 0, value);

    public static FlagValue From(long value) => new(FlagKind.Integer, value, null);

    public static FlagValue From(double value) => new(FlagKind.Double, BitConverter.DoubleToInt64Bits(value), null);

    /// <param name="utf8Object">A whole, valid JSON object; it is kept, not copied.</param>
    public static FlagValue FromObject(byte[] utf8Object) => new(FlagKind.Object, 0, utf8Object);

    public void WriteTo(Utf8JsonWriter json)
    {
        switch (Kind)
        {
            case FlagKind.Boolean:
                json.WriteBooleanValue(AsBoolean);
                break;
            case FlagKind.String:
                json.WriteStringValue(AsString);
                break;
            case FlagKind.Integer:
                json.WriteNumberValue(_bits);
                break;
            case FlagKind.Double:
                json.WriteNumberValue(AsDouble);
                break;
            case FlagKind.Object:
                json.WriteRawValue(AsObject.Span, skipInputValidation: true);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    public override string ToString() =>
        Kind switch
        {
            FlagKind.Boolean => AsBoolean ? "true" : "false",
            FlagKind.String => AsString,
            FlagKind.Integer => _bits.ToString(CultureInfo.InvariantCulture),
            FlagKind.Double => AsDouble.ToString("R", CultureInfo.InvariantCulture),
            FlagKind.Object => Encoding.UTF8.GetString(AsObject.Span),
            _ => "",
        };

    private InvalidOperationException Not(FlagKind wanted) => new($"The value is {Kind}, not {wanted}.");
}
