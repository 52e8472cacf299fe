using System.Text.Json;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>For programs: each event as one line of JSON, as it comes.</summary>
internal sealed class NdjsonProgress(Screen screen) : IReleaseProgress
{
    public void See(StatusView status, ReleaseView? ours, EventView? happened)
    {
        if (happened is not null)
        {
            screen.Raw(JsonSerializer.Serialize(happened, WireJson.Default.EventView));
        }
    }

    public void Lost(string why) { }

    public void Found() { }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
