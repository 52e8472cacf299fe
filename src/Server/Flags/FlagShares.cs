using Teal.Flags;
using Teal.Releases;
using Teal.Releases.Rollouts;
using Teal.Server.Driving;

namespace Teal.Server.Flags;

/// <summary>How a rollout looks at a flag's share and sets it: as a person does, through the journal.</summary>
public sealed class FlagShares(Func<FlagBook> book, Func<FlagsChanged, Origin, CancellationToken, Task<FlagBookOutcome>> change)
    : IFlagShares
{
    private static readonly Origin Rollout = new("teal", "rollout");

    public string DefaultEnvironment => book().Set.Environments[^1];

    public VariantLook Look(RolloutKey key, string variant, string? against)
    {
        // The flags themselves say whether it could be done: by trying, without doing.
        var tried = book().After(Change(key, variant, Share.All, against), 0, DateTimeOffset.UnixEpoch);
        if (tried.Problems is [var first, ..])
        {
            return new VariantLook.Refused(StatusOf(first.Kind), first.Code, $"{key.Flag} cannot be rolled out", first.ToString());
        }
        var targeting = book().Set.Flags[key.Flag].Environments[key.Environment];
        if (!targeting.IsEnabled)
        {
            return new VariantLook.Refused(
                409,
                "TEAL9333",
                $"{key.Flag} is off",
                $"It is off in {key.Environment}: nobody would get {variant}. `teal flag revive {key.Flag}` turns it on."
            );
        }
        var slices = SlicesOf(targeting.Otherwise);
        var from = against ?? slices.Where(slice => slice.Variant != variant).MaxBy(slice => slice.Share)?.Variant ?? targeting.Off;
        return new VariantLook.Known(from ?? variant, slices.FirstOrDefault(slice => slice.Variant == variant)?.Share ?? Share.None);
    }

    public async Task SetAsync(RolloutKey key, string from, string to, Share share, CancellationToken ct)
    {
        var outcome = await change(Change(key, to, share, from), Rollout, ct);
        if (outcome.Book is null)
        {
            throw new InvalidOperationException(string.Join("; ", outcome.Problems));
        }
    }

    /// <summary>The status that a problem with flags is answered with.</summary>
    internal static int StatusOf(FlagProblemKind kind) =>
        kind switch
        {
            FlagProblemKind.Unknown => 404,
            FlagProblemKind.Conflict => 409,
            _ => 400,
        };

    private static FlagsChanged Change(RolloutKey key, string variant, Share share, string? against) =>
        new([new FlagChange.SetShare(key.Flag, key.Environment, variant, share, against, null)]);

    private static IReadOnlyList<Slice> SlicesOf(Serve serve) =>
        serve switch
        {
            Serve.One one => [new Slice(one.Variant, Share.All)],
            Serve.Split split => split.Slices,
            _ => [],
        };
}
