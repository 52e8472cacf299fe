using Teal.Flags;
using Teal.Releases.Rollouts;

namespace Teal.Server.Driving;

/// <summary>The shares of the flags' variants: what a rollout moves.</summary>
public interface IFlagShares
{
    /// <summary>The environment of whoever names none.</summary>
    string DefaultEnvironment { get; }

    /// <summary>How a variant stands before it is rolled out.</summary>
    /// <param name="against">The variant that users come from; null: the one that most of them have.</param>
    VariantLook Look(RolloutKey key, string variant, string? against);

    /// <summary>
    /// Gives <paramref name="to"/> this share of the users and <paramref name="from"/> the others. Returns when it is recorded and in
    /// force; again with the same share changes nothing.
    /// </summary>
    /// <exception cref="Exception">The flag does not take it; the message says why.</exception>
    Task SetAsync(RolloutKey key, string from, string to, Share share, CancellationToken ct);
}

/// <summary>What is known of a variant.</summary>
public abstract record VariantLook
{
    private VariantLook() { }

    /// <param name="From">The variant that the other users have.</param>
    /// <param name="Share">Of the users who have it now.</param>
    public sealed record Known(string From, Share Share) : VariantLook;

    /// <summary>There is nothing to roll out.</summary>
    /// <param name="Status">Of the HTTP answer.</param>
    public sealed record Refused(int Status, string Code, string What, string Why) : VariantLook;
}
