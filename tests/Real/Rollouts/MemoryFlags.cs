using Teal.Analysis;
using Teal.Flags;
using Teal.Releases.Rollouts;
using Teal.Server.Driving;
using Teal.Server.Monitoring;

namespace Teal.Tests.Real.Rollouts;

/// <summary>
/// One flag in memory, <c>checkout</c> with the variants off and on, and users who ask whenever somebody looks: forty more answers of
/// each variant at every look.
/// </summary>
internal sealed class MemoryFlags : IFlagShares, IVariantEvidence
{
    private const int AnswersALook = 40;
    private const string Salt = "checkout-salt";

    private readonly Lock _lock = new();
    private readonly List<Share> _shares = [Share.None];
    private readonly Dictionary<string, (long Requests, long Errors)> _seen = new(StringComparer.Ordinal);

    /// <summary>From this share on, half of the answers of <c>on</c> fail.</summary>
    public Share BreaksAt { get; set; } = new(Share.Whole);

    public bool IsBroken { get; set; }

    /// <summary>Nobody asks anything.</summary>
    public bool IsSilent { get; set; }

    public string DefaultEnvironment => "production";

    /// <summary>Every share that the flag had, in order: <c>0% 5% 25%</c>.</summary>
    public string Shares
    {
        get
        {
            lock (_lock)
            {
                return string.Join(' ', _shares);
            }
        }
    }

    /// <summary>The users of a thousand who have <c>on</c> now.</summary>
    public IReadOnlyList<int> Users
    {
        get
        {
            lock (_lock)
            {
                return [.. Enumerable.Range(0, 1000).Where(user => Cohort.Includes(_shares[^1], Salt, $"user-{user}"))];
            }
        }
    }

    public VariantLook Look(RolloutKey key, string variant, string? against)
    {
        lock (_lock)
        {
            return key.Flag == "checkout" && variant == "on"
                ? new VariantLook.Known(against ?? "off", _shares[^1])
                : new VariantLook.Refused(404, "TEAL9330", $"No flag {key.Flag}", "There is only checkout.");
        }
    }

    public Task SetAsync(RolloutKey key, string from, string to, Share share, CancellationToken ct)
    {
        lock (_lock)
        {
            if (_shares[^1] != share)
            {
                _shares.Add(share);
            }
        }
        return Task.CompletedTask;
    }

    public ArmEvidence? Read(string environment, string flag, string variant)
    {
        lock (_lock)
        {
            var (requests, errors) = _seen.GetValueOrDefault(variant);
            if (!IsSilent)
            {
                requests += AnswersALook;
                errors += IsBroken && variant == "on" && _shares[^1] >= BreaksAt ? AnswersALook / 2 : 0;
            }
            _seen[variant] = (requests, errors);
            return new ArmEvidence(requests, errors, new LatencyHistogram());
        }
    }
}
