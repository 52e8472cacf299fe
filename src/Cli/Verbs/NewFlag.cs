using System.Globalization;
using Teal.Flags;

namespace Teal.Cli.Verbs;

/// <summary>A flag out of the options of <c>teal flag create</c>. Pure.</summary>
internal static class NewFlag
{
    /// <exception cref="CliException">An option has a value that it cannot take.</exception>
    public static Flag Of(
        string key,
        string owner,
        string kind,
        string? variants,
        string? off,
        string? expires,
        string? description,
        IReadOnlyList<string> environments,
        DateTimeOffset now
    )
    {
        var values = VariantsOf(variants ?? "on=true,off=false");
        var offVariant = off ?? values[^1].Name;
        var targeting = new Targeting { Off = offVariant, Otherwise = new Serve.One(offVariant) };
        return new Flag
        {
            Key = key,
            Kind = KindOf(kind),
            Type = values[0].Value.Type,
            Owner = owner,
            Description = description ?? "",
            Created = DateOnly.FromDateTime(now.UtcDateTime),
            Expires = expires is null ? null : DateOf(expires),
            Variants = values,
            Salt = key,
            Environments = environments.ToDictionary(name => name, _ => targeting, StringComparer.Ordinal),
        };
    }

    private static FlagKind KindOf(string text) =>
        Enum.GetValues<FlagKind>().Where(kind => FlagWords.Of(kind) == text).Select(kind => (FlagKind?)kind).FirstOrDefault()
        ?? throw GlobalOptions.Wrong("--kind", text, "write release, experiment, operational, permission or kill-switch");

    private static DateOnly DateOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw GlobalOptions.Wrong("--expires", text, "write a date as 2027-03-01");

    /// <summary><c>red="#f00",blue="#00f"</c>: names, and JSON that may hold commas itself.</summary>
    private static List<Variant> VariantsOf(string text)
    {
        var variants = new List<Variant>();
        for (var rest = text; rest.Length > 0; )
        {
            var equals = rest.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || ValueAt(rest, equals + 1) is not { } value)
            {
                throw GlobalOptions.Wrong("--variants", text, "write names and JSON, as on=true,off=false or 'red=\"#f00\",blue=\"#00f\"'");
            }
            variants.Add(new Variant(rest[..equals].Trim(), value.Value));
            rest = value.End >= rest.Length ? "" : rest[(value.End + 1)..];
        }
        return variants.Count > 0 ? variants : throw GlobalOptions.Wrong("--variants", text, "name at least one variant");
    }

    /// <summary>The JSON value that begins there and ends at a comma or at the end of the text.</summary>
    private static (VariantValue Value, int End)? ValueAt(string text, int start)
    {
        for (var end = text.IndexOf(',', start); ; end = text.IndexOf(',', end + 1))
        {
            var last = end < 0 ? text.Length : end;
            if (VariantValue.Parse(text[start..last]) is { } value)
            {
                return (value, last);
            }
            if (end < 0)
            {
                return null;
            }
        }
    }
}
