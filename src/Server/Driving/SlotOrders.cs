using Teal.Releases;
using Teal.Server.Flags;
using Teal.Server.Processes;
using Teal.Server.Versions;

namespace Teal.Server.Driving;

public abstract record SlotOrderResult
{
    public sealed record Ready(SlotOrder Order) : SlotOrderResult;

    public sealed record Refused(Failure Failure) : SlotOrderResult;
}

/// <summary>What it takes to run a version: its stored folder and its command in it.</summary>
public sealed class SlotOrders(VersionStore store, FlagSecrets secrets)
{
    public SlotOrderResult OrderOf(string service, SlotName slot, Deployed deployed)
    {
        if (store.Find(service, deployed.Version) is not { } stored)
        {
            return new SlotOrderResult.Refused(
                new Failure("TEAL8104", $"Version {deployed.Version} is not in the store", "It was removed, or never taken in.")
            );
        }
        return CommandPath.Resolve(stored.Folder, deployed.Manifest.Run.Command[0], Environment.GetEnvironmentVariable("PATH") ?? "") switch
        {
            CommandPath.Found found => Signed(new SlotOrder(service, slot, deployed.Version, deployed.Manifest, stored.Folder, found.Path)),
            CommandPath.Missing missing => new SlotOrderResult.Refused(
                new Failure(missing.Code, $"The command {deployed.Manifest.Run.Command[0]} cannot be run", missing.Why)
            ),
            _ => throw new NotSupportedException(),
        };
    }

    private SlotOrderResult Signed(SlotOrder order)
    {
        if (order.Manifest.Flags is not { Sign: true })
        {
            return new SlotOrderResult.Ready(order);
        }
        try
        {
            return new SlotOrderResult.Ready(order with { Signer = secrets.SignerOf(order.Service) });
        }
        catch (StateFolderException e)
        {
            return new SlotOrderResult.Refused(new Failure(e.Code, "Flags cannot be signed", e.Message));
        }
    }
}
