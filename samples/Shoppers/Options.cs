using System.Globalization;
using System.Text.Json.Serialization;

namespace Shoppers;

/// <summary>Arguments, strictly read: nothing unknown, nothing twice.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string?> _values = [];

    public static Options Read(string[] args, string[] valued, string[] flags)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i++)
        {
            var isValued = valued.Contains(args[i]);
            if (!isValued && !flags.Contains(args[i]))
            {
                throw new FormatException($"{args[i]} is not known");
            }
            if (isValued && i + 1 == args.Length)
            {
                throw new FormatException($"{args[i]} needs a value");
            }
            if (!options._values.TryAdd(args[i], isValued ? args[++i] : null))
            {
                throw new FormatException($"{args[i]} stands there twice");
            }
        }
        return options;
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public string Required(string name) => Text(name) ?? throw new FormatException($"{name} is missing");

    public int? Number(string name) =>
        Text(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{name} needs a whole number, not {text}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ShoppersReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
