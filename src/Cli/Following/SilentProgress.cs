using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>For <c>--quiet</c> and <c>-o json</c>, where only the end is shown.</summary>
internal sealed class SilentProgress : IReleaseProgress
{
    public void See(StatusView status, ReleaseView? ours, EventView? happened) { }

    public void Lost(string why) { }

    public void Found() { }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
