using System.Runtime.InteropServices;

namespace Shop;

/// <summary>Makes a version as bad as its settings say, so that a release of it can be watched going wrong.</summary>
internal static class Faults
{
    private static long _requests;

    public static void BeforeListening(FaultSettings faults)
    {
        if (faults.ExitsAtOnce)
        {
            Console.Error.WriteLine("shop: fatal: no such table: products");
            Environment.Exit(3);
        }
        if (faults.NeverListens)
        {
            Console.WriteLine("shop: waiting for a lock that nobody holds");
            Thread.Sleep(Timeout.Infinite);
        }
    }

    public static void WhileRunning(FaultSettings faults, IHostApplicationLifetime lifetime)
    {
        if (faults.IgnoresSigterm)
        {
            // Registered after the host's own handler and kept for the life of the process: cancels what that one would begin.
            var registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
            lifetime.ApplicationStopped.Register(registration.Dispose);
            lifetime.ApplicationStopping.Register(() => Thread.Sleep(Timeout.Infinite));
        }
        if (faults.ExitsAfterMs > 0)
        {
            StartThread(() =>
            {
                Thread.Sleep(faults.ExitsAfterMs);
                Console.Error.WriteLine("shop: fatal: out of everything");
                Environment.FailFast(null);
            });
        }
        if (faults.FloodsOutput)
        {
            StartThread(() =>
            {
                for (long line = 0; ; line++)
                {
                    Console.WriteLine($"shop: line {line} of a log that nobody reads");
                }
            });
        }
    }

    public static Func<HttpContext, RequestDelegate, Task> Middleware(ShopSettings settings)
    {
        var faults = settings.Faults;
        return async (context, next) =>
        {
            // Tells an error of the shop from one of whatever stands before it.
            context.Response.Headers["X-Shop-Version"] = settings.Version;
            if (context.Request.Path == "/healthz")
            {
                await next(context);
                return;
            }
            if (faults.DelayMs > 0)
            {
                await Task.Delay(faults.DelayMs, context.RequestAborted);
            }
            if (IsHit(faults.ErrorRate))
            {
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                await context.Response.WriteAsync("the shop has a fault\n", context.RequestAborted);
                return;
            }
            await next(context);
        };
    }

    /// <summary>Evenly spread and without chance: at 0.5 every second request.</summary>
    private static bool IsHit(double rate)
    {
        if (rate <= 0)
        {
            return false;
        }
        var request = Interlocked.Increment(ref _requests);
        return Math.Floor(request * rate) > Math.Floor((request - 1) * rate);
    }

    private static void StartThread(ThreadStart work) => new Thread(work) { IsBackground = true }.Start();
}
