using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using Teal.Flags;
using Variant = Microsoft.FeatureManagement.Variant;

namespace Teal.Client;

/// <summary>
/// Microsoft.FeatureManagement's questions, answered by Teal's flags. A feature is enabled when its flag is boolean and true; a flag
/// that does not exist is not.
/// </summary>
/// <param name="accessor">Who the user is, where the call does not say; null: the client's default context.</param>
internal abstract class FeatureView(TealClient client, ITargetingContextAccessor? accessor)
    : IFeatureManagerSnapshot,
        IVariantFeatureManagerSnapshot
{
    public Task<bool> IsEnabledAsync(string feature) => IsEnabledAsync(feature, CancellationToken.None).AsTask();

    public Task<bool> IsEnabledAsync<TContext>(string feature, TContext context) =>
        IsEnabledAsync(feature, context, CancellationToken.None).AsTask();

    public async ValueTask<bool> IsEnabledAsync(string feature, CancellationToken cancellationToken = default) =>
        IsEnabled(feature, await UserAsync());

    public async ValueTask<bool> IsEnabledAsync<TContext>(
        string feature,
        TContext context,
        CancellationToken cancellationToken = default
    ) => IsEnabled(feature, FeatureContexts.From(context) ?? await UserAsync());

    public async ValueTask<Variant> GetVariantAsync(string feature, CancellationToken cancellationToken = default) =>
        VariantOf(feature, await UserAsync());

    /// <returns>Null when there is no variant: the contract of the package, which its signature does not say.</returns>
    public ValueTask<Variant> GetVariantAsync(string feature, ITargetingContext context, CancellationToken cancellationToken = default) =>
        new(VariantOf(feature, FeatureContexts.Of(context)));

    public IAsyncEnumerable<string> GetFeatureNamesAsync() => GetFeatureNamesAsync(CancellationToken.None);

    public IAsyncEnumerable<string> GetFeatureNamesAsync(CancellationToken cancellationToken = default) =>
        (World().Served?.Document.Flags.Select(flag => flag.Key) ?? []).ToAsyncEnumerable();

    /// <summary>What is evaluated by, and when: read once for one answer.</summary>
    protected abstract (ServedFlags? Served, DateTimeOffset Now) World();

    /// <summary>Null: whoever the client's default context is.</summary>
    protected virtual async ValueTask<EvaluationContext?> UserAsync() =>
        accessor is not null && await accessor.GetContextAsync() is { } targeting ? FeatureContexts.Of(targeting) : null;

    private bool IsEnabled(string feature, EvaluationContext? user)
    {
        var (served, now) = World();
        return client.Told(feature, user, FlagReader.Boolean(client.Find(served, now, feature, ExpectedType.Boolean, user), false)).Value;
    }

    private Variant VariantOf(string feature, EvaluationContext? user)
    {
        var (served, now) = World();
        var found = client.Told(feature, user, client.Find(served, now, feature, ExpectedType.Any, user));
        return served?.Document.Find(feature)?.Variants.FirstOrDefault(variant => variant.Name == found.Variant) is { } variant
            ? new Variant { Name = variant.Name, Configuration = VariantSections.Of(variant) }
            : null!;
    }
}

/// <summary>Each answer by the flags of its moment.</summary>
internal sealed class LiveFeatures(TealClient client, ITargetingContextAccessor? accessor = null) : FeatureView(client, accessor)
{
    private readonly TealClient _client = client;

    protected override (ServedFlags? Served, DateTimeOffset Now) World() => (_client.Served, _client.Time.GetUtcNow());
}

/// <summary>
/// Of one request: whatever changes meanwhile, the same flags, the same moment and the same user from its first question to its last.
/// </summary>
internal sealed class RequestFeatures(TealClient client, ITargetingContextAccessor? accessor = null) : FeatureView(client, accessor)
{
    private readonly Lazy<(ServedFlags?, DateTimeOffset)> _world = new(() => (client.Served, client.Time.GetUtcNow()));
    private volatile Task<EvaluationContext?>? _user;

    protected override (ServedFlags? Served, DateTimeOffset Now) World() => _world.Value;

    protected override async ValueTask<EvaluationContext?> UserAsync() => await (_user ??= base.UserAsync().AsTask());
}
