using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Teal.Flags;

/// <summary>What kind of value a flag has. A number written without fraction or exponent is an <see cref="Integer"/>.</summary>
public enum FlagValueKind : byte
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

    private FlagValue(FlagValueKind kind, long bits, object? content)
    {
        Kind = kind;
        _bits = bits;
        _content = content;
    }

    public FlagValueKind Kind { get; }

    /// <exception cref="InvalidOperationException">The value is of another kind; so for each of these.</exception>
    public bool AsBoolean => Kind == FlagValueKind.Boolean ? _bits != 0 : throw Not(FlagValueKind.Boolean);

    public string AsString => Kind == FlagValueKind.String ? (string)_content! : throw Not(FlagValueKind.String);

    /// <summary>An integer, or a double that is a whole number and fits.</summary>
    public long AsInteger =>
        Kind == FlagValueKind.Integer ? _bits
        : IsWhole ? (long)AsDouble
        : throw Not(FlagValueKind.Integer);

    /// <summary>Any number; an integer beyond 2^53 is rounded as every JSON reader rounds it.</summary>
    public double AsDouble =>
        Kind switch
        {
            FlagValueKind.Integer => _bits,
            FlagValueKind.Double => BitConverter.Int64BitsToDouble(_bits),
            _ => throw Not(FlagValueKind.Double),
        };

    /// <summary>The object as UTF-8 JSON, as it is written in the document.</summary>
    public ReadOnlyMemory<byte> AsObject => Kind == FlagValueKind.Object ? (byte[])_content! : throw Not(FlagValueKind.Object);

    internal bool IsWhole =>
        Kind == FlagValueKind.Double
        && BitConverter.Int64BitsToDouble(_bits) is >= -9007199254740992 and <= 9007199254740992 and var number
        && number == Math.Truncate(number);

    public static FlagValue From(bool value) => new(FlagValueKind.Boolean, value ? 1 : 0, null);

    public static FlagValue From(string value) => new(FlagValueKind.String, 0, value);

    public static FlagValue From(long value) => new(FlagValueKind.Integer, value, null);

    public static FlagValue From(double value) => new(FlagValueKind.Double, BitConverter.DoubleToInt64Bits(value), null);

    /// <param name="utf8Object">A whole, valid JSON object; it is kept, not copied.</param>
    public static FlagValue FromObject(byte[] utf8Object) => new(FlagValueKind.Object, 0, utf8Object);

    public void WriteTo(Utf8JsonWriter json)
    {
        switch (Kind)
        {
            case FlagValueKind.Boolean:
                json.WriteBooleanValue(AsBoolean);
                break;
            case FlagValueKind.String:
                json.WriteStringValue(AsString);
                break;
            case FlagValueKind.Integer:
                json.WriteNumberValue(_bits);
                break;
            case FlagValueKind.Double:
                json.WriteNumberValue(AsDouble);
                break;
            case FlagValueKind.Object:
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
            FlagValueKind.Boolean => AsBoolean ? "true" : "false",
            FlagValueKind.String => AsString,
            FlagValueKind.Integer => _bits.ToString(CultureInfo.InvariantCulture),
            FlagValueKind.Double => AsDouble.ToString("R", CultureInfo.InvariantCulture),
            FlagValueKind.Object => Encoding.UTF8.GetString(AsObject.Span),
            _ => "",
        };

    private InvalidOperationException Not(FlagValueKind wanted) => new($"The value is {Kind}, not {wanted}.");
}
