using Teal.Releases;

namespace Teal.Tests.Simulation;

/// <summary>
/// What is really there, whatever the server believes: processes, the table that requests follow, and the requests. It outlives
/// the server, except for the table and the connections through it. It knows nothing of the machine, and judges it.
/// </summary>
public sealed class Plant(VirtualTime time, Random chance)
{
    private readonly Ledger _ledger = new();

    public Machinery Blue { get; } = new();
    public Machinery Green { get; } = new();

    /// <summary>The shape that requests follow now.</summary>
    public TrafficShape Applied { get; private set; } = TrafficShape.Nowhere;

    public long Table { get; private set; }
    public List<string> Violations { get; } = [];
    public long Requests { get; private set; }
    public long Failed { get; private set; }
    public long Cut { get; private set; }

    public Machinery this[SlotName slot] => slot == SlotName.Blue ? Blue : Green;

    public void Violate(string what) => Violations.Add($"{what} (at {time.Milliseconds} ms)");

    /// <summary>Swaps the table. An older one that comes late is not put in force.</summary>
    public void Apply(long table, TrafficShape shape)
    {
        if (table <= Table)
        {
            return;
        }
        foreach (var slot in new[] { SlotName.Blue, SlotName.Green })
        {
            if (shape.Names(slot) && !this[slot].IsRunning)
            {
                Violate($"capacity before traffic: the table names {slot}, where nothing runs");
            }
        }
        if (Applied.Main is not null && shape.Main is null)
        {
            Violate("no version has the traffic");
        }
        Table = table;
        Applied = shape;
    }

    /// <summary>The proxy dies with the server, and every connection through it.</summary>
    public void LoseServer()
    {
        foreach (var slot in new[] { Blue, Green })
        {
            slot.Inside.ForEach(request => request.IsOpen = false);
            slot.Inside.Clear();
        }
        Applied = TrafficShape.Nowhere;
        Table = 0;
        _ledger.Reset();
    }

    /// <summary>A request comes in and chooses its version as the table says.</summary>
    public void Arrive()
    {
        if (Applied.Main is not { } main)
        {
            return;
        }
        var slot = Applied.Canary is { } canary && chance.Next(10_000) < Applied.CanaryShare.Parts ? canary : main;
        Requests++;
        _ledger.Accepted++;
        if (!this[slot].IsRunning)
        {
            Violate($"a request was sent to {slot}, where nothing runs");
        }
        if (!this[slot].IsHealthy)
        {
            Failed++;
            _ledger.Failed++;
            return;
        }
        var request = new Request();
        this[slot].Inside.Add(request);
        var isLong = chance.Next(20) == 0;
        time.After(chance.Next(isLong ? 40_000 : 500) + 1, () => Leave(slot, request));
    }

    /// <summary>Requests inside come to an end that nobody wanted: at a drain's deadline, or because the process died.</summary>
    /// <returns>How many.</returns>
    public int End(SlotName slot, bool isCut)
    {
        var inside = this[slot].Inside;
        var count = inside.Count;
        inside.ForEach(request => request.IsOpen = false);
        inside.Clear();
        if (isCut)
        {
            Cut += count;
            _ledger.Cut += count;
        }
        else
        {
            Failed += count;
            _ledger.Failed += count;
        }
        return count;
    }

    public void Stop(SlotName slot)
    {
        if (Applied.Names(slot))
        {
            Violate($"traffic confirmed away before capacity goes: {slot} was stopped in the table");
        }
        if (this[slot].Inside.Count > 0)
        {
            Violate($"{slot} was stopped with {this[slot].Inside.Count} requests inside");
        }
        this[slot].Stop();
    }

    /// <summary>Closes the books since the last receipt.</summary>
    public Receipt Close(DateTimeOffset since)
    {
        var receipt = _ledger.Close(Blue.Inside.Count + Green.Inside.Count, since);
        if (!receipt.AddsUp)
        {
            Violate("the receipt does not add up");
        }
        return receipt;
    }

    private void Leave(SlotName slot, Request request)
    {
        if (request.IsOpen)
        {
            request.IsOpen = false;
            this[slot].Inside.Remove(request);
            _ledger.Served++;
        }
    }
}

public sealed class Request
{
    public bool IsOpen { get; set; } = true;
}

/// <summary>The processes of one slot.</summary>
public sealed class Machinery
{
    public string? Version { get; private set; }

    /// <summary>Started and not stopped; it may be ill all the same.</summary>
    public bool IsRunning => Version is not null && !IsBooting;
    public bool IsBooting { get; private set; }
    public bool IsHealthy { get; set; }

    /// <summary>Counts starts and stops: what was meant for an earlier life does not touch a later one.</summary>
    public int Life { get; private set; }
    public List<Request> Inside { get; } = [];

    public void Boot(string version) => (Version, IsBooting, IsHealthy, Life) = (version, true, false, Life + 1);

    public void Up() => (IsBooting, IsHealthy) = (false, true);

    public void Stop() => (Version, IsBooting, IsHealthy, Life) = (null, false, false, Life + 1);
}

internal sealed class Ledger
{
    private long _carriedIn;

    public long Accepted { get; set; }
    public long Served { get; set; }
    public long Failed { get; set; }
    public long Cut { get; set; }

    public void Reset() => (_carriedIn, Accepted, Served, Failed, Cut) = (0, 0, 0, 0, 0);

    public Receipt Close(long open, DateTimeOffset since)
    {
        var receipt = new Receipt(
            _carriedIn,
            Accepted,
            new Dictionary<string, long> { ["all"] = Served },
            0,
            new Dictionary<string, long>(),
            new Dictionary<string, long> { ["all"] = Failed },
            [],
            Cut,
            open,
            _carriedIn + Accepted - Served - Failed - Cut - open,
            since
        );
        Reset();
        _carriedIn = open;
        return receipt;
    }
}
