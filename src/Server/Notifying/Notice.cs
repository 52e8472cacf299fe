using System.Collections.Immutable;
using Teal.Releases;

namespace Teal.Server.Notifying;

/// <summary>A message that is due: what happened, and where the address of its webhook stands.</summary>
/// <param name="Id">The journal entry that caused it, and the place in the manifest's list: <c>1207.0</c>. The same at every attempt.</param>
/// <param name="Webhook"><c>env:NAME</c> or <c>file:PATH</c>: never the address itself.</param>
/// <param name="Version">The version whose manifest asks for it; a file is looked for in its folder.</param>
public sealed record Notice(
    string Id,
    string Webhook,
    NoticeKind Kind,
    string Service,
    string Version,
    long Release,
    string? From,
    string To,
    DateTimeOffset At,
    string Actor,
    string? Code,
    string? What,
    string? Why
);

/// <summary>Which messages an event makes due. A pure part of the fold: after a restart the same ones are due.</summary>
internal static class DueNotices
{
    /// <summary>More than this never wait; the oldest goes, and is counted.</summary>
    public const int Most = 256;

    /// <returns>What is due, and how many were dropped for it.</returns>
    public static (ImmutableList<Notice> Due, int Dropped) With(
        ImmutableList<Notice> due,
        ServiceState before,
        ServiceState after,
        long sequence,
        DateTimeOffset at
    )
    {
        if (ReleaseNotices.Between(before, after) is not { } kind || after.Release is not { } release)
        {
            return (due, 0);
        }
        var added = release
            .Manifest.Notify.Select((hook, index) => (hook, index))
            .Where(pair => pair.hook.On.Contains(kind))
            .Select(pair => Of(release, after.Service, kind, pair.hook.Webhook, $"{sequence}.{pair.index}", at));
        var all = due.AddRange(added);
        var dropped = Math.Max(0, all.Count - Most);
        return (all.RemoveRange(0, dropped), dropped);
    }

    private static Notice Of(ReleaseState release, string service, NoticeKind kind, string webhook, string id, DateTimeOffset at) =>
        new(
            id,
            webhook,
            kind,
            service,
            release.To,
            release.Number,
            release.From,
            release.To,
            at,
            release.By.Actor,
            release.Failure?.Code,
            release.Failure?.What,
            kind == NoticeKind.NeedsPerson ? release.NeedsPerson : release.Failure?.Why
        );
}
