using Microsoft.AspNetCore.Http;
using Teal.Releases;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>Every refusal on the wire: RFC 9457 with the stable code.</summary>
public static class Problems
{
    public static IResult Of(
        int status,
        string code,
        string title,
        string detail,
        IReadOnlyList<string>? places = null,
        IReadOnlyList<string>? next = null
    ) =>
        Results.Json(
            new ProblemView($"https://teal.example/errors#{code}", title, status, detail, code, places, next),
            WireJson.Default.ProblemView,
            "application/problem+json",
            status
        );

    public static IResult Of(Refusal refusal, IReadOnlyList<string> next) =>
        Of(
            // 428: it may be done, on the condition that a person says so.
            refusal.Kind == RefusalKind.NeedsPerson
                ? StatusCodes.Status428PreconditionRequired
                : StatusCodes.Status409Conflict,
            refusal.Code,
            refusal.What,
            refusal.Why,
            null,
            // What makes sense in this state has just been refused: what there was comes first.
            refusal.Code == "TEAL3008"
                ? ["teal history", .. next]
                : next
        );

    /// <summary>400 when it cannot be the name of a service at all, 404 when nothing of that name was deployed.</summary>
    public static IResult UnknownService(string service, IEnumerable<string> known) =>
        Names.IsService(service) ? Unknown(service, known) : BadName("service name", service);

    private static IResult Unknown(string service, IEnumerable<string> known) =>
        Of(
            StatusCodes.Status404NotFound,
            "TEAL8201",
            $"No service {service}",
            known.Any() ? $"This server knows: {string.Join(", ", known)}." : "Nothing has been deployed to this server yet.",
            null,
            ["teal deploy"]
        );

    public static IResult BadName(string what, string value) =>
        Of(
            StatusCodes.Status400BadRequest,
            "TEAL1401",
            $"Not a {what}",
            $"\"{value}\" is not a {what}: {(what.StartsWith("service", StringComparison.Ordinal) ? Names.ServiceWords : Names.VersionWords)}."
        );
}
