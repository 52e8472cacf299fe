using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>A command of the CLI that goes on beside the test.</summary>
internal sealed class RunningCommand : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly Task _output;
    private readonly Task<string> _error;

    public RunningCommand(Process process)
    {
        _process = process;
        _output = ListenAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>Until it has said so on its standard output.</summary>
    public Task SaysAsync(string words) =>
        Eventually.ReturnsAsync(() => Task.FromResult(Said().Contains(words, StringComparison.Ordinal) ? this : null), words, Said);

    /// <summary>Ctrl-C.</summary>
    public Task PressCtrlCAsync() => SignalAsync("INT");

    /// <summary>The terminal goes away.</summary>
    public Task HangUpAsync() => SignalAsync("HUP");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<CliResult> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            await Task.WhenAll(_output, _error).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            _process.Kill();
            throw new TimeoutException($"Not ended after {Patience}:\n{Said()}", e);
        }
        return new CliResult(_process.ExitCode, Said(), await _error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private string Said()
    {
        lock (_said)
        {
            return _said.ToString();
        }
    }

    private async Task ListenAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_said)
            {
                _said.Append(buffer, 0, count);
            }
        }
    }
}

internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>For assertions: what a person would have seen.</summary>
    public override string ToString() => $"exit {ExitCode}\n{Output}\n{Error}";
}
