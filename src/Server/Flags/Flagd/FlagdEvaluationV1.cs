using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Teal.Flags;
using Teal.Server.Flags.Flagd.EvaluationV1;

namespace Teal.Server.Flags.Flagd;

/// <summary>
/// flagd.evaluation.v1. It cannot say "no value": a flag that is disabled or has no default is NotFound here, so that the code's own default
/// applies.
/// </summary>
public sealed class FlagdEvaluationV1(FlagdReaders readers, FlagdStreams streams) : Service.ServiceBase
{
    public override Task<ResolveAllResponse> ResolveAll(ResolveAllRequest request, ServerCallContext context)
    {
        var document = readers.Snapshot(readers.Of(context)).Document;
        var (subject, now) = (FlagdStruct.ToContext(request.Context), readers.Now);
        var all = new ResolveAllResponse { Metadata = FlagdStruct.Of(document.Metadata) };
        foreach (var flag in document.Flags)
        {
            var evaluation = flag.Evaluate(subject, now);
            if (evaluation.HasValue)
            {
                all.Flags[flag.Key] = Any(evaluation);
            }
        }
        return Task.FromResult(all);
    }

    public override Task<ResolveBooleanResponse> ResolveBoolean(ResolveBooleanRequest request, ServerCallContext context)
    {
        var evaluation = Evaluate(context, request.FlagKey, request.Context, ExpectedType.Boolean);
        return Task.FromResult(
            new ResolveBooleanResponse
            {
                Value = evaluation.Value.AsBoolean,
                Variant = evaluation.Variant,
                Reason = evaluation.ReasonWord,
                Metadata = FlagdStruct.Of(evaluation.Metadata),
            }
        );
    }

    public override Task<ResolveStringResponse> ResolveString(ResolveStringRequest request, ServerCallContext context)
    {
        var evaluation = Evaluate(context, request.FlagKey, request.Context, ExpectedType.String);
        return Task.FromResult(
            new ResolveStringResponse
            {
                Value = evaluation.Value.AsString,
                Variant = evaluation.Variant,
                Reason = evaluation.ReasonWord,
                Metadata = FlagdStruct.Of(evaluation.Metadata),
            }
        );
    }

    public override Task<ResolveFloatResponse> ResolveFloat(ResolveFloatRequest request, ServerCallContext context)
    {
        var evaluation = Evaluate(context, request.FlagKey, request.Context, ExpectedType.Double);
        return Task.FromResult(
            new ResolveFloatResponse
            {
                Value = evaluation.Value.AsDouble,
                Variant = evaluation.Variant,
                Reason = evaluation.ReasonWord,
                Metadata = FlagdStruct.Of(evaluation.Metadata),
            }
        );
    }

    public override Task<ResolveIntResponse> ResolveInt(ResolveIntRequest request, ServerCallContext context)
    {
        var evaluation = Evaluate(context, request.FlagKey, request.Context, ExpectedType.Integer);
        return Task.FromResult(
            new ResolveIntResponse
            {
                Value = evaluation.Value.AsInteger,
                Variant = evaluation.Variant,
                Reason = evaluation.ReasonWord,
                Metadata = FlagdStruct.Of(evaluation.Metadata),
            }
        );
    }

    public override Task<ResolveObjectResponse> ResolveObject(ResolveObjectRequest request, ServerCallContext context)
    {
        var evaluation = Evaluate(context, request.FlagKey, request.Context, ExpectedType.Object);
        return Task.FromResult(
            new ResolveObjectResponse
            {
                Value = FlagdStruct.Of(evaluation.Value.AsObject),
                Variant = evaluation.Variant,
                Reason = evaluation.ReasonWord,
                Metadata = FlagdStruct.Of(evaluation.Metadata),
            }
        );
    }

    public override Task EventStream(
        EventStreamRequest request,
        IServerStreamWriter<EventStreamResponse> responseStream,
        ServerCallContext context
    ) =>
        streams.EventsAsync(
            context,
            (type, told, ct) => responseStream.WriteAsync(new EventStreamResponse { Type = type, Data = told ?? new Struct() }, ct)
        );

    /// <exception cref="RpcException">Also NotFound, for a flag without a value.</exception>
    private Evaluation Evaluate(ServerCallContext context, string key, Struct? subject, ExpectedType expected)
    {
        var evaluation = readers.Evaluate(context, key, subject, expected);
        return evaluation.HasValue
            ? evaluation
            : throw new RpcException(new Status(StatusCode.NotFound, $"{evaluation.ReasonWord}: {key} has no value here."));
    }

    private static AnyFlag Any(in Evaluation evaluation)
    {
        var any = new AnyFlag
        {
            Reason = evaluation.ReasonWord,
            Variant = evaluation.Variant,
            Metadata = FlagdStruct.Of(evaluation.Metadata),
        };
        var value = evaluation.Value;
        switch (value.Kind)
        {
            case FlagValueKind.Boolean:
                any.BoolValue = value.AsBoolean;
                break;
            case FlagValueKind.String:
                any.StringValue = value.AsString;
                break;
            case FlagValueKind.Object:
                any.ObjectValue = FlagdStruct.Of(value.AsObject);
                break;
            default:
                any.DoubleValue = value.AsDouble;
                break;
        }
        return any;
    }
}
