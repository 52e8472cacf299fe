using Teal.Analysis;
using Teal.Flags;
using Teal.Releases.Rollouts;
using Teal.Server.Monitoring;

namespace Teal.Server.Driving;

/// <summary>A server without flags: there is nothing to roll out and nothing is seen of it.</summary>
internal sealed class NoFlags : IFlagShares, IVariantEvidence
{
    public string DefaultEnvironment => "production";

    public VariantLook Look(RolloutKey key, string variant, string? against) =>
        new VariantLook.Refused(404, "TEAL9330", $"No flag {key.Flag}", "This server has no flags.");

    public Task SetAsync(RolloutKey key, string from, string to, Share share, CancellationToken ct) =>
        throw new InvalidOperationException($"There is no flag {key.Flag}.");

    public ArmEvidence? Read(string environment, string flag, string variant) => null;
}
