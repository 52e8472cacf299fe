using Microsoft.Extensions.Time.Testing;

namespace Teal.Tests.Real.Processes;

/// <summary>A clock that goes with the real one and can be sent ahead: a deadline passes when the facts are there, not before.</summary>
public sealed class PumpedTime : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _pump;

    public PumpedTime() => _pump = Task.Run(PumpAsync);

    public TimeProvider Provider => _time;

    public void Jump(TimeSpan span) => _time.Advance(span);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _pump;
        _ending.Dispose();
    }

    private async Task PumpAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            await Task.Delay(Beat);
            _time.Advance(Beat);
        }
    }
}
