using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Teal.Releases;
using Teal.Server.Versions;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>Takes versions into the store, as a tar stream: one way, near and far.</summary>
public static class VersionEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapMethods("/services/{service}/versions/{version}", ["HEAD"], Look)
            .AnswersWith("hasVersion", "Is the version stored? 404: no. 409: with other content than the hash says.", null);
        api.MapPut("/services/{service}/versions/{version}", TakeAsync)
            .Answers<VersionView>("storeVersion", "Take a version into the store, as a tar stream.");
    }

    private static IResult Look(string service, string version, string? hash, VersionStore store) =>
        store.Find(service, version) switch
        {
            null => Results.StatusCode(StatusCodes.Status404NotFound),
            { } stored when hash is null || stored.Fingerprint.Hash == hash => Results.Ok(),
            _ => Results.StatusCode(StatusCodes.Status409Conflict),
        };

    private static async Task<IResult> TakeAsync(
        string service,
        string version,
        HttpContext context,
        VersionStore store,
        CancellationToken ct
    )
    {
        if (!Names.IsService(service))
        {
            return Problems.BadName("service name", service);
        }
        if (!Names.IsVersion(version))
        {
            return Problems.BadName("version name", version);
        }
        // The store has its own limits, on bytes and files.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
        try
        {
            var stored = await store.TakeAsync(service, version, context.Request.Body, ct);
            return Results.Json(
                new VersionView(
                    service,
                    stored.Version,
                    stored.Fingerprint.Hash,
                    stored.Fingerprint.Bytes,
                    stored.Fingerprint.Files,
                    stored.Already
                ),
                WireJson.Default.VersionView
            );
        }
        catch (VersionStoreException refused)
        {
            return Problems.Of(refused.IsConflict ? 409 : 400, refused.Code, "The version was not taken", refused.Message);
        }
    }
}
