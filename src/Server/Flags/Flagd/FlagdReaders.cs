using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Teal.Flags;
using Teal.Server.Access;
using Teal.Server.Flags.Clients;

namespace Teal.Server.Flags.Flagd;

/// <summary>Who calls, and what the flags are for it: what all of flagd's services begin with.</summary>
public sealed class FlagdReaders(FlagBoard board, FlagKeyGate gate, RolloutReports reports, TimeProvider time)
{
    /// <param name="selector">Of the request; the header comes before it.</param>
    /// <exception cref="RpcException">Unauthenticated, PermissionDenied, ResourceExhausted, InvalidArgument.</exception>
    public FlagReader Of(ServerCallContext call, string selector = "")
    {
        // Metadata is the request's headers. No browser speaks gRPC: a page's key that comes here was taken from its page.
        var answer = gate.Judge(call.GetHttpContext(), Role.Sdk, selector);
        return answer.Reader ?? throw Refused(answer.Refusal!);
    }

    /// <exception cref="RpcException">NotFound.</exception>
    public FlagSnapshot Snapshot(FlagReader reader) =>
        board.Of(reader.Environment)
        ?? throw new RpcException(new Status(StatusCode.NotFound, FlagAudience.NoSuchEnvironment(reader.Environment)));

    /// <summary>What the flag is.</summary>
    /// <exception cref="RpcException">As flagd has it: NotFound, InvalidArgument for another type, DataLoss for rules that cannot be read, else Unknown.</exception>
    public Evaluation Evaluate(ServerCallContext call, string key, Struct? context, ExpectedType expected)
    {
        var snapshot = Snapshot(Of(call));
        var subject = FlagdStruct.ToContext(context);
        var evaluation = snapshot.Document.Evaluate(key, subject, time.GetUtcNow(), expected);
        reports.Evaluated(snapshot.Environment, key, evaluation.Variant, subject.TargetingKey);
        return evaluation.Error == EvaluationError.None
            ? evaluation
            : throw new RpcException(new Status(StatusOf(evaluation.Error), $"{evaluation.ErrorWord}: {key}"));
    }

    public DateTimeOffset Now => time.GetUtcNow();

    private static StatusCode StatusOf(EvaluationError error) =>
        error switch
        {
            EvaluationError.FlagNotFound => StatusCode.NotFound,
            EvaluationError.TypeMismatch or EvaluationError.InvalidContext => StatusCode.InvalidArgument,
            EvaluationError.ParseError => StatusCode.DataLoss,
            _ => StatusCode.Unknown,
        };

    private static RpcException Refused(AccessAnswer.Refused refusal) =>
        new(
            new Status(
                refusal.Status switch
                {
                    StatusCodes.Status401Unauthorized => StatusCode.Unauthenticated,
                    StatusCodes.Status403Forbidden => StatusCode.PermissionDenied,
                    StatusCodes.Status429TooManyRequests => StatusCode.ResourceExhausted,
                    _ => StatusCode.InvalidArgument,
                },
                $"{refusal.Code}: {refusal.Why}"
            )
        );
}
