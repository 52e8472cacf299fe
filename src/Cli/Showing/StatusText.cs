using System.Globalization;
using Teal.Wire;

namespace Teal.Cli.Showing;

/// <summary>A service as it is now, for people. Pure.</summary>
internal static class StatusText
{
    public static IEnumerable<InkedLine> Of(StatusView status)
    {
        yield return new InkedLine(Headline(status), Ink.Strong);
        foreach (var line in Release(status.Release))
        {
            yield return line;
        }
        foreach (var version in status.Waiting)
        {
            yield return $"  waiting        {version}";
        }
        foreach (var line in status.Slots.Where(slot => slot.Version is not null).SelectMany(Slot))
        {
            yield return line;
        }
        foreach (var warning in Warnings(status.Warnings))
        {
            yield return warning;
        }
        if (status.PreviewUrl is not null)
        {
            yield return $"  preview        {status.PreviewUrl}";
        }
        foreach (var line in ReleaseText.Next(status.Next))
        {
            yield return line;
        }
    }

    public static IEnumerable<InkedLine> Warnings(IReadOnlyList<string>? warnings) =>
        (warnings ?? []).Select(warning => new InkedLine($"  warning        {warning}", Ink.Bad));

    private static string Headline(StatusView status) =>
        (status.Live is null ? $"{status.Service} has no version yet" : $"{status.Service} is on {status.Live}")
        + (status.Warm is null ? "" : $", {status.Warm} is warm")
        + (status.Gate == "open" ? "" : $", gate {status.Gate.ToUpperInvariant()}");

    private static IEnumerable<InkedLine> Release(ReleaseView? release)
    {
        if (release is null)
        {
            yield break;
        }
        yield return $"  release        {release.Id}: {release.Kind} {(release.From is null ? "" : $"{release.From} -> ")}{release.To}, {release.Outcome}";
        yield return $"                 {By(release)}";
        if (release.Outcome == "running")
        {
            yield return $"  stage          {release.Stage} of {release.Stages} at {release.Share}, {Doing(release)}";
        }
        if (release.NeedsPerson is not null)
        {
            yield return new InkedLine($"  {ReleaseText.Asks(release), -14} {release.NeedsPerson}", Ink.Strong);
        }
        if (release.Failure is { } failure)
        {
            yield return new InkedLine($"  why            {failure.What}: {failure.Why} ({failure.Code})", Ink.Bad);
        }
        if (release.Receipt is { } receipt)
        {
            yield return $"  receipt        {ReceiptText.Sum(receipt)}";
        }
    }

    public static string Doing(ReleaseView release) => release.Phase.ToLowerInvariant() + (release.Paused ? ", paused" : "");

    private static string By(ReleaseView release) =>
        $"by {release.Actor}, {ReleaseText.Instant(release.StartedAt)}" + (release.Reason is null ? "" : $": {release.Reason}");

    private static IEnumerable<InkedLine> Slot(SlotView slot)
    {
        var healthy = slot.Instances.Count(instance => instance.Healthy);
        yield return $"  {slot.Slot, -14} {slot.Version} {slot.Phase} {slot.Share}, {healthy} of {slot.Instances.Count} healthy";
        foreach (var instance in slot.Instances)
        {
            yield return new InkedLine($"                 {Instance(instance)}", instance.Healthy ? Ink.Faint : Ink.Bad);
        }
    }

    public static string Instance(InstanceView instance)
    {
        var parts = new List<string>
        {
            $"{instance.Id} pid {instance.Pid} port {instance.Port}",
            instance.Healthy ? "healthy" : $"unhealthy{(instance.LastProbe is null ? "" : $" ({instance.LastProbe})")}",
            $"{instance.InFlight} in flight",
        };
        if (instance.Restarts > 0)
        {
            parts.Add($"{instance.Restarts} restarts");
        }
        if (instance.CpuPercent is { } cpu)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"cpu {cpu:0}%"));
        }
        if (instance.MemoryBytes is { } bytes)
        {
            parts.Add(Bytes(bytes));
        }
        return string.Join(", ", parts);
    }

    public static string Bytes(long bytes) =>
        bytes switch
        {
            < 1 << 10 => $"{bytes} B",
            < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
            < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.##} GiB"),
        };
}
