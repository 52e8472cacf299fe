using System.Diagnostics;
using System.Runtime.InteropServices;
using Teal.Tests.App;

// A small app that misbehaves on demand.
//
//   version=TEXT        in every body; default TEAL_VERSION            say=TEXT            a line on standard output at the start
//   exit=CODE           exits at once                                  exit-after=SECONDS  exits with code 9 then
//   exit-requests=N     exits with code 10 after N requests            exit-once=FILE      exits with code 11 when FILE is not there yet (and makes it)
//   deaf                never listens                                  garbage             answers what is no HTTP
//   health=CODE         health answers that                            health-file=FILE    health is 200 while FILE exists, else 503
//   health-secs=S       health takes S seconds                         health-flap         health is good and bad in turn
//   sigterm-ignore      stays when asked to end                        fork                starts a child that sleeps, prints "child PID"
//   fork-only           the same, then exits at once                   flood               writes to standard output without end
//   leak=MIB            holds that much more memory each second        spin                keeps one core busy
//   gate=FILE           /gate answers once FILE exists                 start-secs=S        listens after S seconds
//   errors=PERCENT      that share of the answers on / is 500          h2                  speaks cleartext HTTP/2 only
var modes = new Modes(args);
var version = modes.Text("version") ?? Environment.GetEnvironmentVariable("TEAL_VERSION") ?? "none";
var instance = Environment.GetEnvironmentVariable("TEAL_INSTANCE") ?? "none";
var port = int.Parse(Environment.GetEnvironmentVariable("PORT") ?? "0");

if (modes.Text("say") is { } line)
{
    Console.WriteLine(line);
}
if (modes.Number("exit") is { } code)
{
    Console.Error.WriteLine($"app: exit {code}");
    return code;
}
if (modes.Text("exit-once") is { } once && !File.Exists(once))
{
    await File.WriteAllTextAsync(once, "");
    return 11;
}
if (modes.Has("fork") || modes.Has("fork-only"))
{
    using var child = Process.Start(new ProcessStartInfo("sleep", "600") { UseShellExecute = false })!;
    Console.WriteLine($"child {child.Id}");
    if (modes.Has("fork-only"))
    {
        return 0;
    }
}
using var term = modes.Has("sigterm-ignore") ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true) : null;
if (modes.Seconds("exit-after") is { } exitAfter)
{
    _ = Task.Run(async () =>
    {
        await Task.Delay(exitAfter);
        Environment.Exit(9);
    });
}
if (modes.Has("flood"))
{
    _ = Task.Run(() =>
    {
        var chunk = string.Concat(Enumerable.Repeat("flood flood flood flood flood flood flood\n", 1000));
        while (true)
        {
            Console.Out.Write(chunk);
        }
    });
}
if (modes.Number("leak") is { } mebibytes)
{
    _ = Task.Run(async () => await Leak.GrowAsync(mebibytes));
}
if (modes.Has("spin"))
{
    _ = Task.Run(() =>
    {
        while (true)
        {
            Thread.SpinWait(1000);
        }
    });
}
if (modes.Seconds("start-secs") is { } startSeconds)
{
    await Task.Delay(startSeconds);
}
if (modes.Has("deaf"))
{
    await Task.Delay(Timeout.Infinite);
}
if (modes.Has("garbage"))
{
    await Garbage.ServeAsync(port);
}
await Web.RunAsync(modes, version, instance, port);
return 0;
