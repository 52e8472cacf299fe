using Microsoft.AspNetCore.Http;
using Teal.Releases;
using Teal.Server.Driving;
using Teal.Server.Flags;
using Teal.Server.Notifying;
using Teal.Server.Processes;
using Teal.Server.Versions;
using Teal.Wire;

namespace Teal.Server.Endpoints;

public abstract record DeployCheck
{
    public sealed record Ready(Manifest Manifest) : DeployCheck;

    public sealed record Refused(IResult Problem) : DeployCheck;
}

/// <summary>Everything that can be known to be wrong before anything is done: all or nothing.</summary>
public sealed class DeployChecks(VersionStore store, SlotOrders orders, ReleaseDriver driver)
{
    /// <summary>The manifest alone.</summary>
    public static DeployCheck Read(string service, DeployRequest request)
    {
        if (!Names.IsService(service))
        {
            return new DeployCheck.Refused(Problems.BadName("service name", service));
        }
        if (!Names.IsVersion(request.Version))
        {
            return new DeployCheck.Refused(Problems.BadName("version name", request.Version));
        }
        var read = ManifestReader.Read(request.Manifest, request.ManifestPath, request.Environment);
        if (read.Manifest is not { } manifest)
        {
            var places = read.Errors.Select(error => error.ToString()).ToList();
            return new DeployCheck.Refused(
                Problems.Of(400, read.Errors[0].Code, "The manifest is wrong", places[0], places, ["teal config validate"])
            );
        }
        return manifest.Service == service
            ? new DeployCheck.Ready(manifest)
            : new DeployCheck.Refused(
                Problems.Of(400, "TEAL8205", "Another service", $"The manifest is of {manifest.Service}, the request is for {service}.")
            );
    }

    /// <summary>And the world: the version is stored, its command is there, its hosts are free.</summary>
    public DeployCheck Admit(string service, DeployRequest request)
    {
        var read = Read(service, request);
        if (read is not DeployCheck.Ready ready)
        {
            return read;
        }
        if (store.Find(service, request.Version) is null)
        {
            return new DeployCheck.Refused(
                Problems.Of(
                    404,
                    "TEAL8206",
                    "Unknown version",
                    $"{service} has no version {request.Version} in the store.",
                    null,
                    ["teal deploy --from DIR"]
                )
            );
        }
        switch (orders.OrderOf(service, SlotName.Blue, new Deployed(request.Version, ready.Manifest)))
        {
            case SlotOrderResult.Refused refused:
                return new DeployCheck.Refused(Problems.Of(400, refused.Failure.Code, refused.Failure.What, refused.Failure.Why));
            case SlotOrderResult.Ready found when BadWebhook(ready.Manifest, found.Order.Folder) is { } why:
                return new DeployCheck.Refused(Problems.Of(400, "TEAL8216", "A webhook of notify cannot be used", why));
        }
        if (Tied(service, request.Version, ready.Manifest, driver.State) is { } tied)
        {
            return new DeployCheck.Refused(tied);
        }
        return HostTaken(service, ready.Manifest) is { } taken
            ? new DeployCheck.Refused(Problems.Of(409, "TEAL8207", "The host is taken", taken, null, ["teal proxy routes"]))
            : ready;
    }

    /// <summary>The flags leave no room for the release, or lack what it names; null: they fit.</summary>
    public static IResult? Tied(string service, string version, Manifest manifest, ServerState state) =>
        ReleaseTies.Against(state, service, version, manifest) is [var first, ..] problems
            ? Problems.Of(
                FlagShares.StatusOf(first.Kind),
                first.Code,
                "The flags do not allow this release",
                $"{first}.",
                [.. problems.Select(problem => problem.ToString())],
                ["teal flag list", "teal plan"]
            )
            : null;

    /// <summary>Found out now, and not when somebody should have been told.</summary>
    private static string? BadWebhook(Manifest manifest, string folder)
    {
        foreach (var hook in manifest.Notify)
        {
            if (WebhookAddress.Read(hook.Webhook, folder, InstanceLauncher.Sources, out var why) is null)
            {
                return $"{why}. It is read where the server runs.";
            }
        }
        return null;
    }

    private string? HostTaken(string service, Manifest manifest)
    {
        var mine = manifest.Routes.Select(route => (route.Host.ToLowerInvariant(), route.Path)).ToHashSet();
        foreach (var (name, state) in driver.State.Services.Where(other => other.Key != service))
        {
            var theirs = new[] { state.Blue, state.Green }
                .Where(slot => slot.Deployed is not null)
                .SelectMany(slot => slot.Deployed!.Manifest.Routes);
            if (theirs.FirstOrDefault(route => mine.Contains((route.Host.ToLowerInvariant(), route.Path))) is { } both)
            {
                return $"{both.Host}{both.Path} belongs to the service {name}.";
            }
        }
        return null;
    }
}
