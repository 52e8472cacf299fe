using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>The journal for people: of one service, of the whole server, and the proof that nothing in it was changed.</summary>
public static class AuditEndpoints
{
    private const int MostEntries = 1000;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/services/{service}/audit", OfServiceAsync).Answers<AuditView>("getAudit", "The trail of one service.");
        api.MapGet("/audit", OfServerAsync).Answers<AuditView>("getServerAudit", "The trail of the whole server: every service, tokens.");
        api.MapGet("/audit/verify", VerifyAsync).Answers<JournalCheckView>("verifyJournal", "Every entry against its chain of hashes.");
    }

    private static async Task<IResult> OfServiceAsync(
        string service,
        [AsParameters] AuditFilter filter,
        ServiceReader reader,
        AuditReader audit,
        CancellationToken ct
    ) =>
        reader.Status(service) is null
            ? Problems.UnknownService(service, reader.Known)
            : Results.Json(await audit.ReadAsync(filter.Of(service), ct), WireJson.Default.AuditView);

    private static async Task<IResult> OfServerAsync([AsParameters] AuditFilter filter, AuditReader audit, CancellationToken ct) =>
        Results.Json(await audit.ReadAsync(filter.Of(null), ct), WireJson.Default.AuditView);

    private static async Task<IResult> VerifyAsync(AuditReader audit, CancellationToken ct) =>
        Results.Json(await audit.VerifyAsync(ct), WireJson.Default.JournalCheckView);

    /// <remarks>Properties, not a record's parameters: the generator of request delegates cannot bind nullable ones of those.</remarks>
    internal sealed class AuditFilter
    {
        /// <summary>Entries behind this number, oldest first; without it the newest.</summary>
        public long? After { get; init; }

        /// <summary>1 to 1000; 100 when it is not given.</summary>
        public int? Limit { get; init; }

        /// <summary>The event's name, <c>promote_requested</c>.</summary>
        public string? Kind { get; init; }

        /// <summary>Who did it: <c>local</c>, <c>token:ID</c>, <c>teal</c>.</summary>
        public string? Actor { get; init; }

        /// <summary>Entries of that moment and later.</summary>
        public DateTimeOffset? Since { get; init; }

        public AuditQuery Of(string? service) =>
            new(service, After is { } after ? Math.Max(after, 0) : null, Math.Clamp(Limit ?? 100, 1, MostEntries), Kind, Actor, Since);
    }
}
