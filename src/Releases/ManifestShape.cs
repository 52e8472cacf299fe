using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Teal.Analysis;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>One key of the manifest, as the records tell it. Reader, schema and reference page all read this and nothing else.</summary>
/// <param name="Default">What the record holds when the key is left out; null when required, or when nothing is there.</param>
internal sealed record KeyShape(string Name, PropertyInfo Property, ValueShape Value, string Description, bool IsRequired, object? Default);

/// <summary>What may stand behind a key.</summary>
internal abstract record ValueShape
{
    public sealed record Text(TextForm Form) : ValueShape;

    public sealed record Whole(int Least, int Most) : ValueShape;

    public sealed record Time(TimeSpan Least, TimeSpan Most) : ValueShape;

    public sealed record Bytes(long Least, long Most) : ValueShape;

    public sealed record Part : ValueShape;

    public sealed record Choice(Type Enum) : ValueShape
    {
        public IReadOnlyList<string> Words => [.. Enum.GetEnumNames().Select(name => ManifestShape.WordOf(Enum, name))];
    }

    public sealed record Many(ValueShape Item, Type ItemType, int Least, int Most, bool OneIsEnough) : ValueShape;

    /// <summary>Names to texts.</summary>
    public sealed record Variables(TextForm Names, TextForm Form, int Most) : ValueShape;

    public sealed record Truth : ValueShape;

    public sealed record Section(Type Record, IReadOnlyList<KeyShape> Keys) : ValueShape
    {
        /// <summary>The key whose value may stand for the whole; null: none.</summary>
        public KeyShape? Short { get; init; }
    }

    public sealed record Limit : ValueShape;
}

/// <summary>The manifest's keys, read off its records once.</summary>
internal static class ManifestShape
{
    /// <summary>The one key that no record holds: what it says is folded into the others before they are read.</summary>
    public const string Environments = "environments";

    public const string EnvironmentsDescription =
        "Per environment, the keys that differ there: laid over the others key by key when -e NAME is given. Lists are replaced whole.";

    public const int MostEnvironments = 32;

    public static ValueShape.Section Root { get; } = SectionOf(typeof(Manifest));

    /// <summary>The word for an enum's value in files.</summary>
    public static string WordOf(Type type, string name) =>
        type.GetField(name)?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
        ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static ValueShape.Section SectionOf(Type record)
    {
        var fresh = Activator.CreateInstance(record);
        var keys = record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);
        var shapes = keys.Select(property => KeyOf(property, fresh)).ToList();
        var brief = record.GetCustomAttribute<ShortAttribute>()?.Property;
        return new ValueShape.Section(record, shapes) { Short = shapes.Find(shape => shape.Property.Name == brief) };
    }

    private static KeyShape KeyOf(PropertyInfo property, object? fresh)
    {
        var isRequired = property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null;
        var description =
            property.GetCustomAttribute<DescriptionAttribute>()?.Description
            ?? throw new InvalidOperationException($"{property.DeclaringType?.Name}.{property.Name} has no description.");
        var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        return new KeyShape(name, property, ShapeOf(property), description, isRequired, isRequired ? null : property.GetValue(fresh));
    }

    private static ValueShape ShapeOf(PropertyInfo property)
    {
        var type = property.PropertyType;
        if (!type.IsGenericType || Nullable.GetUnderlyingType(type) is not null)
        {
            return ShapeOf(type, property);
        }
        var count = property.GetCustomAttribute<CountAttribute>() ?? throw Missing(property, nameof(CountAttribute));
        if (type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
        {
            return new ValueShape.Variables(FormOf(property).Names, FormOf(property).Form, count.Most);
        }
        var item = type.GetGenericArguments()[0];
        var oneIsEnough = property.GetCustomAttribute<OneOrManyAttribute>() is not null;
        return new ValueShape.Many(ShapeOf(item, property), item, count.Least, count.Most, oneIsEnough);
    }

    private static ValueShape ShapeOf(Type type, PropertyInfo property) =>
        type switch
        {
            _ when type == typeof(string) => new ValueShape.Text(FormOf(property).Form),
            _ when type == typeof(int) => new ValueShape.Whole(
                int.Parse(WithinOf(property).Least, null),
                int.Parse(WithinOf(property).Most, null)
            ),
            _ when type == typeof(TimeSpan) => new ValueShape.Time(TimeOf(WithinOf(property).Least), TimeOf(WithinOf(property).Most)),
            _ when property.GetCustomAttribute<InBytesAttribute>() is not null => new ValueShape.Bytes(
                BytesOf(WithinOf(property).Least),
                BytesOf(WithinOf(property).Most)
            ),
            _ when type == typeof(Share) => new ValueShape.Part(),
            _ when type == typeof(Guard) => new ValueShape.Limit(),
            _ when type == typeof(bool) => new ValueShape.Truth(),
            _ when type.IsEnum => new ValueShape.Choice(type),
            _ => SectionOf(type),
        };

    private static FormAttribute FormOf(PropertyInfo property) =>
        property.GetCustomAttribute<FormAttribute>() ?? throw Missing(property, nameof(FormAttribute));

    private static WithinAttribute WithinOf(PropertyInfo property) =>
        property.GetCustomAttribute<WithinAttribute>() ?? throw Missing(property, nameof(WithinAttribute));

    private static TimeSpan TimeOf(string text) => Duration.TryParse(text, out var time) ? time : throw new FormatException(text);

    private static long BytesOf(string text) => ByteSize.TryParse(text, out var bytes) ? bytes : throw new FormatException(text);

    private static InvalidOperationException Missing(PropertyInfo property, string attribute) =>
        new($"{property.DeclaringType?.Name}.{property.Name} has no {attribute}.");
}
