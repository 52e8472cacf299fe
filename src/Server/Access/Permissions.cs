namespace Teal.Server.Access;

/// <param name="Pattern">As the endpoint is mapped: <c>/api/v1/services/{service}</c>.</param>
/// <param name="Least">Who may, at least.</param>
/// <param name="Body">What the request carries.</param>
public sealed record Permission(string Method, string Pattern, Role Least, BodyKind Body = BodyKind.None);

public enum BodyKind
{
    None,

    /// <summary>application/json</summary>
    Json,

    /// <summary>application/x-tar</summary>
    Tar,
}

/// <summary>
/// Every endpoint of the admin surface and who may use it. One that is not in here is not mapped, and one that only reads is never
/// reached by anything but GET or HEAD.
/// </summary>
public static class Permissions
{
    private const string Api = "/api/v1";
    private const string Service = Api + "/services/{service}";
    private const string Flags = Api + "/flags";
    private const string Rollouts = Api + "/flags/{flag}/rollouts";

    public static readonly IReadOnlyList<Permission> All =
    [
        new("GET", Api + "/services", Role.Viewer),
        new("GET", Service, Role.Viewer),
        new("GET", Service + "/history", Role.Viewer),
        new("GET", Service + "/logs", Role.Viewer),
        new("GET", Service + "/audit", Role.Viewer),
        new("GET", Api + "/events", Role.Viewer),
        new("GET", Api + "/routes", Role.Viewer),
        new("GET", Api + "/server", Role.Viewer),
        new("GET", "/metrics", Role.Viewer),
        new("POST", "/ofrep/v1/evaluate/flags", Role.Page, BodyKind.Json),
        new("POST", "/ofrep/v1/evaluate/flags/{key}", Role.Page, BodyKind.Json),
        new("GET", "/ofrep/v1/events", Role.Page),
        // Rules, and reports that guards believe: not for a key that every visitor of a page can read.
        new("GET", "/client/v1/flags", Role.Sdk),
        new("POST", "/client/v1/heard", Role.Sdk, BodyKind.Json),
        new("POST", "/client/v1/events", Role.Sdk, BodyKind.Json),
        new("GET", "/openapi/v1.json", Role.Viewer),
        new("HEAD", Service + "/versions/{version}", Role.Operator),
        new("PUT", Service + "/versions/{version}", Role.Operator, BodyKind.Tar),
        new("POST", Service + "/releases", Role.Operator, BodyKind.Json),
        new("POST", Service + "/promote", Role.Operator, BodyKind.Json),
        new("POST", Service + "/pause", Role.Operator, BodyKind.Json),
        new("POST", Service + "/resume", Role.Operator, BodyKind.Json),
        new("POST", Service + "/abort", Role.Operator, BodyKind.Json),
        new("POST", Service + "/rollback", Role.Operator, BodyKind.Json),
        new("POST", Service + "/plan", Role.Operator, BodyKind.Json),
        new("PUT", Service + "/gate", Role.Operator, BodyKind.Json),
        new("GET", Api + "/audit", Role.Admin),
        new("GET", Api + "/audit/verify", Role.Viewer),
        new("GET", Flags, Role.Viewer),
        new("GET", Flags + "/diff", Role.Viewer),
        new("GET", Flags + "/clients", Role.Viewer),
        // Both may hold lists of persons.
        new("GET", Flags + "/set", Role.Operator),
        new("GET", Flags + "/documents/{environment}", Role.Operator),
        new("PUT", Flags + "/documents/{environment}", Role.Operator, BodyKind.Json),
        new("DELETE", Flags + "/documents/{environment}", Role.Operator),
        new("POST", Flags + "/changes", Role.Operator, BodyKind.Json),
        new("POST", Flags + "/eval", Role.Operator, BodyKind.Json),
        new("POST", Flags + "/{flag}/kill", Role.Operator, BodyKind.Json),
        new("GET", Rollouts, Role.Viewer),
        new("POST", Rollouts, Role.Operator, BodyKind.Json),
        new("POST", Rollouts + "/promote", Role.Operator, BodyKind.Json),
        new("POST", Rollouts + "/pause", Role.Operator, BodyKind.Json),
        new("POST", Rollouts + "/resume", Role.Operator, BodyKind.Json),
        new("POST", Rollouts + "/stop", Role.Operator, BodyKind.Json),
        new("GET", Api + "/tokens", Role.Admin),
        new("POST", Api + "/tokens", Role.Admin, BodyKind.Json),
        new("DELETE", Api + "/tokens/{token}", Role.Admin),
        new("GET", Api + "/server/backup", Role.Admin),
    ];

    /// <summary>Null when there is no such endpoint: then nobody may.</summary>
    public static Permission? Find(string method, string pattern) =>
        All.FirstOrDefault(permission =>
            string.Equals(permission.Method, method, StringComparison.Ordinal)
            && string.Equals(permission.Pattern, pattern, StringComparison.Ordinal)
        );
}
