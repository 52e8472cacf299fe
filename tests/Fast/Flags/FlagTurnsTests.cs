using Microsoft.Extensions.Time.Testing;
using Teal.Server.Flags;

namespace Teal.Tests.Fast.Flags;

public sealed class FlagTurnsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task So_many_are_told_at_a_time_and_the_next_when_one_has_it()
    {
        var turns = new FlagTurns(_time);
        var slow = Enumerable.Range(0, FlagTurns.AtOnce).Select(_ => new TaskCompletionSource()).ToList();
        var telling = slow.Select(one => turns.TakeAsync(() => one.Task, CancellationToken.None)).ToList();
        var isTold = false;
        var next = turns.TakeAsync(
            () =>
            {
                isTold = true;
                return Task.CompletedTask;
            },
            CancellationToken.None
        );
        Assert.False(isTold);
        slow[3].SetResult();
        await next;
        Assert.True(isTold);
        slow.ForEach(one => one.TrySetResult());
        await Task.WhenAll(telling);
    }

    [Fact]
    public async Task Who_takes_nothing_gives_the_turn_up_and_is_waited_for_all_the_same()
    {
        var turns = new FlagTurns(_time);
        var stuck = new TaskCompletionSource();
        var telling = Enumerable.Range(0, FlagTurns.AtOnce).Select(_ => turns.TakeAsync(() => stuck.Task, CancellationToken.None)).ToList();
        var next = turns.TakeAsync(() => Task.CompletedTask, CancellationToken.None);
        Assert.False(next.IsCompleted);
        _time.Advance(FlagTurns.Longest);
        await next;
        Assert.All(telling, one => Assert.False(one.IsCompleted));
        stuck.SetResult();
        await Task.WhenAll(telling);
    }

    [Fact]
    public async Task A_failure_is_the_tellers_and_frees_the_place()
    {
        var turns = new FlagTurns(_time);
        for (var times = 0; times <= FlagTurns.AtOnce; times++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() =>
                turns.TakeAsync(() => Task.FromException(new InvalidOperationException("broken")), CancellationToken.None)
            );
        }
        for (var times = 0; times <= FlagTurns.AtOnce; times++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() =>
                turns.TakeAsync(() => throw new InvalidOperationException("broken at once"), CancellationToken.None)
            );
        }
    }

    [Fact]
    public async Task Who_leaves_while_waiting_takes_no_place()
    {
        var turns = new FlagTurns(_time);
        var stuck = new TaskCompletionSource();
        var telling = Enumerable.Range(0, FlagTurns.AtOnce).Select(_ => turns.TakeAsync(() => stuck.Task, CancellationToken.None)).ToList();
        using var left = new CancellationTokenSource();
        var waiting = turns.TakeAsync(() => throw new InvalidOperationException("was told"), left.Token);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        stuck.SetResult();
        await Task.WhenAll(telling);
        await turns.TakeAsync(() => Task.CompletedTask, CancellationToken.None);
    }
}
