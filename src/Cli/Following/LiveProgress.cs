using Spectre.Console;
using Spectre.Console.Rendering;
using Teal.Cli.Showing;
using Teal.Wire;

namespace Teal.Cli.Following;

/// <summary>For a person at a terminal: the release redrawn in place, with the hold counting down between events.</summary>
internal sealed class LiveProgress : IReleaseProgress
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(250);

    private readonly Screen _screen;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _drawing;
    private Scene _scene = new(null, null, null);

    private sealed record Scene(StatusView? Status, ReleaseView? Ours, string? Away);

    public LiveProgress(Screen screen, TimeProvider time)
    {
        _screen = screen;
        _time = time;
        _drawing = DrawAsync();
    }

    public void See(StatusView status, ReleaseView? ours, EventView? happened) => Volatile.Write(ref _scene, new Scene(status, ours, null));

    public void Lost(string why) => Volatile.Write(ref _scene, _scene with { Away = why });

    public void Found() => Volatile.Write(ref _scene, _scene with { Away = null });

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _drawing;
        _end.Dispose();
    }

    private async Task DrawAsync()
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                ColorSystem = _screen.Kind.HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.Yes,
                Out = new AnsiConsoleOutput(_screen.Output),
            }
        );
        if (_screen.Kind.Columns > 0)
        {
            console.Profile.Width = _screen.Kind.Columns;
        }
        await console.Live(Picture()).AutoClear(true).Overflow(VerticalOverflow.Ellipsis).StartAsync(RedrawUntilEndAsync);
    }

    private async Task RedrawUntilEndAsync(LiveDisplayContext display)
    {
        while (!_end.IsCancellationRequested)
        {
            display.UpdateTarget(Picture());
            await Task.Delay(Redraw, _time, _end.Token)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private Rows Picture()
    {
        var (status, ours, away) = Volatile.Read(ref _scene);
        var lines = LiveText.Of(status, ours, away, _time.GetUtcNow(), _screen.Kind.Columns);
        return new Rows(lines.Select(line => (IRenderable)new Text(Plain.Of(line.Text), StyleOf(line.Ink))));
    }

    private static Style StyleOf(Ink ink) =>
        ink switch
        {
            Ink.Good => new Style(Color.Green),
            Ink.Bad => new Style(Color.Red),
            Ink.Faint => new Style(decoration: Decoration.Dim),
            Ink.Strong => new Style(decoration: Decoration.Bold),
            _ => Style.Plain,
        };
}
