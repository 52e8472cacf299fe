using System.Text.Json;
using Teal.Releases.Rollouts;
using Teal.Server.Flags.Clients;
using Teal.Server.Journal;
using Teal.Wire;

namespace Teal.Server.Views;

/// <summary>What a listener wants to hear of.</summary>
/// <param name="Service">Releases of one service; null with a rollout: none, without: all.</param>
/// <param name="Rollout">Rollouts of one flag; null with a service: none, without: all.</param>
public sealed record EventFilter(string? Service, RolloutKey? Rollout)
{
    private bool IsForAll => Service is null && Rollout is null;

    public bool WantsService(string service) => IsForAll || Service == service;

    public bool WantsRollout(RolloutKey rollout) => IsForAll || Rollout == rollout;
}

/// <summary>
/// Journal entries as server-sent events, each with the state as it is now: releases without a name, rollouts as <c>rollout</c>, so that who
/// expects only the one is not handed the other.
/// </summary>
/// <param name="status">Of a service; null when there is none of this name.</param>
public sealed class EventTexts(Func<ServerState> state, Func<string, StatusView?> status, RolloutReports reports)
{
    /// <summary>The newest entry that every view knows of.</summary>
    public long Sequence => state().Sequence;

    /// <summary>Null when the entry is not for this listener.</summary>
    public string? Of(JournalEntry entry, EventFilter filter)
    {
        var now = state();
        return now.Rollouts.TryGetValue(entry.Service, out var rollout)
            ? filter.WantsRollout(rollout.Key)
                ? RolloutText(entry, now, rollout.Key)
                : null
            : entry.Service.Length > 0 && filter.WantsService(entry.Service) && status(entry.Service) is { } shown
                ? ReleaseText(entry, shown)
                : null;
    }

    private static string ReleaseText(JournalEntry entry, StatusView shown)
    {
        var view = new EventView(entry.Sequence, entry.At, entry.Service, entry.Kind, entry.Actor, entry.Reason, shown);
        return $"id: {entry.Sequence}\ndata: {JsonSerializer.Serialize(view, WireJson.Default.EventView)}\n\n";
    }

    /// <summary>With the newest rollout alone: the earlier ones are no news.</summary>
    private string RolloutText(JournalEntry entry, ServerState now, RolloutKey key)
    {
        var rollouts = RolloutViews.Of(now, key, reports.Of(key))!;
        var newest = rollouts with { Rollouts = [rollouts.Rollouts[0]] };
        var view = new RolloutEventView(entry.Sequence, entry.At, entry.Kind, entry.Actor, entry.Reason, newest);
        return $"id: {entry.Sequence}\nevent: rollout\ndata: {JsonSerializer.Serialize(view, WireJson.Default.RolloutEventView)}\n\n";
    }
}
