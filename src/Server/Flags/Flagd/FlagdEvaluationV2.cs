using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Teal.Flags;
using Teal.Server.Flags.Flagd.EvaluationV2;

namespace Teal.Server.Flags.Flagd;

/// <summary>flagd.evaluation.v2: without a value the code's own default applies, and the answer says why.</summary>
public sealed class FlagdEvaluationV2(FlagdReaders readers, FlagdStreams streams) : Service.ServiceBase
{
    public override Task<ResolveBooleanResponse> ResolveBoolean(ResolveBooleanRequest request, ServerCallContext context)
    {
        var evaluation = readers.Evaluate(context, request.FlagKey, request.Context, ExpectedType.Boolean);
        var answer = new ResolveBooleanResponse { Reason = evaluation.ReasonWord, Metadata = FlagdStruct.Of(evaluation.Metadata) };
        if (evaluation.HasValue)
        {
            (answer.Value, answer.Variant) = (evaluation.Value.AsBoolean, evaluation.Variant);
        }
        return Task.FromResult(answer);
    }

    public override Task<ResolveStringResponse> ResolveString(ResolveStringRequest request, ServerCallContext context)
    {
        var evaluation = readers.Evaluate(context, request.FlagKey, request.Context, ExpectedType.String);
        var answer = new ResolveStringResponse { Reason = evaluation.ReasonWord, Metadata = FlagdStruct.Of(evaluation.Metadata) };
        if (evaluation.HasValue)
        {
            (answer.Value, answer.Variant) = (evaluation.Value.AsString, evaluation.Variant);
        }
        return Task.FromResult(answer);
    }

    public override Task<ResolveFloatResponse> ResolveFloat(ResolveFloatRequest request, ServerCallContext context)
    {
        var evaluation = readers.Evaluate(context, request.FlagKey, request.Context, ExpectedType.Double);
        var answer = new ResolveFloatResponse { Reason = evaluation.ReasonWord, Metadata = FlagdStruct.Of(evaluation.Metadata) };
        if (evaluation.HasValue)
        {
            (answer.Value, answer.Variant) = (evaluation.Value.AsDouble, evaluation.Variant);
        }
        return Task.FromResult(answer);
    }

    public override Task<ResolveIntResponse> ResolveInt(ResolveIntRequest request, ServerCallContext context)
    {
        var evaluation = readers.Evaluate(context, request.FlagKey, request.Context, ExpectedType.Integer);
        var answer = new ResolveIntResponse { Reason = evaluation.ReasonWord, Metadata = FlagdStruct.Of(evaluation.Metadata) };
        if (evaluation.HasValue)
        {
            (answer.Value, answer.Variant) = (evaluation.Value.AsInteger, evaluation.Variant);
        }
        return Task.FromResult(answer);
    }

    public override Task<ResolveObjectResponse> ResolveObject(ResolveObjectRequest request, ServerCallContext context)
    {
        var evaluation = readers.Evaluate(context, request.FlagKey, request.Context, ExpectedType.Object);
        var answer = new ResolveObjectResponse { Reason = evaluation.ReasonWord, Metadata = FlagdStruct.Of(evaluation.Metadata) };
        if (evaluation.HasValue)
        {
            (answer.Value, answer.Variant) = (FlagdStruct.Of(evaluation.Value.AsObject), evaluation.Variant);
        }
        return Task.FromResult(answer);
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
}
