using System.Diagnostics;
using System.Globalization;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>A command of the CLI that goes on beside the test.</summary>
internal sealed class RunningCommand(Process process) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Task<string> _output = process.StandardOutput.ReadToEndAsync();
    private readonly Task<string> _error = process.StandardError.ReadToEndAsync();

    public bool HasEnded => process.HasExited;

    /// <summary>Ctrl-C.</summary>
    public Task PressCtrlCAsync() => SignalAsync("INT");

    /// <summary>The terminal goes away.</summary>
    public Task HangUpAsync() => SignalAsync("HUP");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<CliResult> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill();
            throw new TimeoutException($"Not ended after {Patience}:\n{await _output}\n{await _error}", e);
        }
        return new CliResult(process.ExitCode, await _output, await _error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        process.Dispose();
    }
}

internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>For assertions: what a person would have seen.</summary>
    public override string ToString() => $"exit {ExitCode}\n{Output}\n{Error}";
}
