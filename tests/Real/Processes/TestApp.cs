using Teal.Releases;
using Teal.Server.Processes;

namespace Teal.Tests.Real.Processes;

/// <summary>The misbehaving app of tests/App and the orders that start it.</summary>
public static class TestApp
{
    /// <summary>artifacts/bin/App/CONFIGURATION, beside this program's own folder.</summary>
    public static string Folder { get; } =
        Path.GetFullPath(
            Path.Combine(AppContext.BaseDirectory, "..", "..", "App", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')))
        );

    public static string Dll { get; } = Path.Combine(Folder, "app.dll");

    /// <summary>
    /// Quick probes, so that a test need not wait for a patient default; and patient deadlines, which only a starved machine comes near. A
    /// test that is about a deadline sets its own.
    /// </summary>
    public static SlotOrder Order(string version = "v1", SlotName slot = SlotName.Blue, params string[] modes) =>
        new("shop", slot, version, Manifest(modes), Folder, "dotnet");

    public static Manifest Manifest(params string[] modes) =>
        new()
        {
            Service = "shop",
            Run = new RunSection { Command = ["dotnet", Dll, .. modes], StopTimeout = TimeSpan.FromSeconds(60) },
            Health = new HealthSection
            {
                Every = TimeSpan.FromSeconds(0.2),
                Timeout = TimeSpan.FromSeconds(30),
                GiveUpAfter = TimeSpan.FromSeconds(90),
            },
        };

    public static SlotOrder With(this SlotOrder order, Func<Manifest, Manifest> change) => order with { Manifest = change(order.Manifest) };

    public static SlotOrder WithRun(this SlotOrder order, Func<RunSection, RunSection> change) =>
        order.With(manifest => manifest with { Run = change(manifest.Run) });

    public static SlotOrder WithHealth(this SlotOrder order, Func<HealthSection, HealthSection> change) =>
        order.With(manifest => manifest with { Health = change(manifest.Health) });
}
