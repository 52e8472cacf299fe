using System.Runtime.InteropServices;
using Teal.Cli;

using var stop = new CancellationTokenSource();

// The first signal asks to leave in order, a second one ends the process as usual.
void Leave(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}

using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Leave);

return await new TealCommand(Surroundings.OfProcess()).RunAsync(args, stop.Token);
