using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Teal.Flags;

namespace Teal.Server.Flags.Flagd;

/// <summary>Protobuf's Struct is JSON in other clothes: contexts come in it, objects and metadata go out in it.</summary>
internal static class FlagdStruct
{
    private const string TargetingKey = "targetingKey";

    /// <exception cref="RpcException">InvalidArgument: nested too deep, or a targeting key that is no text.</exception>
    public static EvaluationContext ToContext(Struct? context)
    {
        if (context is null || context.Fields.Count == 0)
        {
            return EvaluationContext.Empty;
        }
        var targetingKey = context.Fields.GetValueOrDefault(TargetingKey) switch
        {
            null or { KindCase: Value.KindOneofCase.NullValue } => null,
            { KindCase: Value.KindOneofCase.StringValue } text => text.StringValue,
            _ => throw Invalid("targetingKey is not a string"),
        };
        return EvaluationContext.Of(targetingKey, MembersOf(context, depth: 1));
    }

    public static Struct Of(IReadOnlyDictionary<string, FlagValue> metadata)
    {
        var made = new Struct();
        foreach (var (name, value) in metadata)
        {
            made.Fields[name] = Of(value);
        }
        return made;
    }

    /// <param name="utf8Json">An object.</param>
    public static Struct Of(ReadOnlyMemory<byte> utf8Json) => Struct.Parser.ParseJson(Encoding.UTF8.GetString(utf8Json.Span));

    private static Value Of(FlagValue value) =>
        value.Kind switch
        {
            FlagValueKind.Boolean => Value.ForBool(value.AsBoolean),
            FlagValueKind.String => Value.ForString(value.AsString),
            FlagValueKind.Object => Value.ForStruct(Of(value.AsObject)),
            FlagValueKind.None => Value.ForNull(),
            _ => Value.ForNumber(value.AsDouble),
        };

    private static ContextAttribute[] MembersOf(Struct from, int depth)
    {
        if (depth > ContextLimits.Usual.Depth)
        {
            throw Invalid($"nested deeper than {ContextLimits.Usual.Depth}");
        }
        // The key of the context itself has its own place.
        var members = from.Fields.Where(field => depth > 1 || field.Key != TargetingKey);
        return [.. members.Select(field => new ContextAttribute(field.Key, ToContext(field.Value, depth)))];
    }

    private static ContextValue ToContext(Value value, int depth) =>
        value.KindCase switch
        {
            Value.KindOneofCase.BoolValue => value.BoolValue,
            Value.KindOneofCase.StringValue => value.StringValue,
            Value.KindOneofCase.NumberValue => double.IsFinite(value.NumberValue)
                ? value.NumberValue
                : throw Invalid("not a finite number"),
            Value.KindOneofCase.StructValue => ContextValue.ObjectOf(MembersOf(value.StructValue, depth + 1)),
            Value.KindOneofCase.ListValue when depth < ContextLimits.Usual.Depth => ContextValue.ListOf([
                .. value.ListValue.Values.Select(item => ToContext(item, depth + 1)),
            ]),
            Value.KindOneofCase.ListValue => throw Invalid($"nested deeper than {ContextLimits.Usual.Depth}"),
            _ => ContextValue.Null,
        };

    private static RpcException Invalid(string why) => new(new Status(StatusCode.InvalidArgument, $"TEAL9414: INVALID_CONTEXT: {why}."));
}
