using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Teal.Server.Views;

namespace Teal.Server.Flags.Flagd;

/// <summary>
/// The streams of flagd's services. What was flushed counts as acknowledged: the protocol has no word for it. A stream never ends in
/// silence, because providers come back after an error and wait for ever after an end.
/// </summary>
public sealed class FlagdStreams(FlagBoard board, FlagdReaders readers, FlagChanges changes, TimeProvider time)
{
    /// <summary>flagd's own: providers expect a word at least as often.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(20);

    private readonly FlagTurns _turns = new(time);

    /// <summary>The present document, then each next one.</summary>
    public Task SyncAsync(ServerCallContext call, string providerId, string selector, Func<FlagSnapshot, CancellationToken, Task> send) =>
        FollowAsync(call, FlagListenerKind.FlagdSync, providerId, selector, (_, now, ct) => send(now, ct), static _ => Task.CompletedTask);

    /// <param name="send">The event's type and its data.</param>
    public Task EventsAsync(ServerCallContext call, Func<string, Struct?, CancellationToken, Task> send) =>
        FollowAsync(
            call,
            FlagListenerKind.FlagdEvents,
            "",
            "",
            (before, now, ct) => TellAsync(before, now, send, ct),
            ct => send("keep_alive", null, ct)
        );

    private async Task TellAsync(
        FlagSnapshot? before,
        FlagSnapshot now,
        Func<string, Struct?, CancellationToken, Task> send,
        CancellationToken ct
    )
    {
        if (before is null)
        {
            await send("provider_ready", null, ct);
        }
        else if (changes.Between(before, now) is { Count: > 0 } changed)
        {
            await send("configuration_change", Told(changed), ct);
        }
    }

    private static Struct Told(IReadOnlyList<FlagTouched> changed)
    {
        var flags = new Struct();
        foreach (var touched in changed)
        {
            flags.Fields[touched.Key] = Value.ForStruct(new Struct { Fields = { ["type"] = Value.ForString(touched.Word) } });
        }
        return new Struct { Fields = { ["flags"] = Value.ForStruct(flags) } };
    }

    private async Task FollowAsync(
        ServerCallContext call,
        FlagListenerKind kind,
        string providerId,
        string selector,
        Func<FlagSnapshot?, FlagSnapshot, CancellationToken, Task> tell,
        Func<CancellationToken, Task> keepAlive
    )
    {
        var reader = readers.Of(call, selector);
        using var listener = board.Listen(reader.Environment, kind, NameOf(call, reader, providerId)) ?? throw Full(reader);
        FlagSnapshot? before = null;
        try
        {
            do
            {
                await _turns.TakeAsync(TellNewestAsync, call.CancellationToken);
            } while (await Silence.HasMoreAsync(listener.Changes, LongestSilence, time, StillThereAsync, call.CancellationToken));
        }
        catch (OperationCanceledException) when (call.CancellationToken.IsCancellationRequested)
        {
            return;
        }
        throw new RpcException(new Status(StatusCode.Unavailable, "The server stops."));

        async Task TellNewestAsync()
        {
            while (listener.Changes.TryRead(out var now))
            {
                // A token that was revoked is told nothing more.
                readers.Of(call, selector);
                var told = before;
                await InTimeAsync(call, ct => tell(told, now, ct));
                before = now;
                listener.Acknowledge(now.Revision);
            }
        }

        async ValueTask StillThereAsync(CancellationToken _)
        {
            readers.Of(call, selector);
            await InTimeAsync(call, keepAlive);
        }
    }

    /// <summary>Who takes nothing is let go.</summary>
    private async Task InTimeAsync(ServerCallContext call, Func<CancellationToken, Task> send)
    {
        using var late = new CancellationTokenSource(FlagListening.LongestWrite, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, call.CancellationToken);
        try
        {
            await send(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            call.GetHttpContext().Abort();
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "TEAL9415: the client took nothing for too long."));
        }
    }

    /// <exception cref="RpcException">NotFound, when it is the environment that is missing.</exception>
    private RpcException Full(FlagReader reader)
    {
        readers.Snapshot(reader);
        return new RpcException(
            new Status(StatusCode.ResourceExhausted, $"TEAL9413: {FlagBoard.MostListeners} clients listen already, or the server stops.")
        );
    }

    private static string NameOf(ServerCallContext call, FlagReader reader, string providerId) =>
        FlagListening.NameOf(
            call.GetHttpContext(),
            reader,
            providerId.Length > 0 ? providerId : call.RequestHeaders.GetValue("user-agent") ?? ""
        );
}
