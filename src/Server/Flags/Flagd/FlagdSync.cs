using System.Runtime.CompilerServices;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Teal.Server.Flags.Flagd.SyncV1;

namespace Teal.Server.Flags.Flagd;

/// <summary>flagd.sync.v1: the document itself, without what only the server may know, for providers that evaluate in their own process.</summary>
public sealed class FlagdSync(FlagdReaders readers, FlagdStreams streams) : FlagSyncService.FlagSyncServiceBase
{
    /// <summary>One message for all who are told the same snapshot.</summary>
    private static readonly ConditionalWeakTable<FlagSnapshot, SyncFlagsResponse> Messages = [];

    public override Task SyncFlags(
        SyncFlagsRequest request,
        IServerStreamWriter<SyncFlagsResponse> responseStream,
        ServerCallContext context
    ) =>
        streams.SyncAsync(
            context,
            request.ProviderId,
            request.Selector,
            (snapshot, ct) => responseStream.WriteAsync(Messages.GetValue(snapshot, MessageOf), ct)
        );

    public override Task<FetchAllFlagsResponse> FetchAllFlags(FetchAllFlagsRequest request, ServerCallContext context) =>
        Task.FromResult(new FetchAllFlagsResponse { FlagConfiguration = TextOf(readers.Snapshot(readers.Of(context, request.Selector))) });

    /// <summary>Deprecated in flagd: what it told is in the stream's sync_context.</summary>
    public override Task<GetMetadataResponse> GetMetadata(GetMetadataRequest request, ServerCallContext context)
    {
        readers.Of(context);
        return Task.FromResult(new GetMetadataResponse { Metadata = new Struct() });
    }

    /// <summary>An empty context: providers lay it over their own, and this server has nothing to add to it.</summary>
    private static SyncFlagsResponse MessageOf(FlagSnapshot snapshot) =>
        new() { FlagConfiguration = TextOf(snapshot), SyncContext = new Struct() };

    private static string TextOf(FlagSnapshot snapshot) => Encoding.UTF8.GetString(snapshot.ClientJson.Span);
}
