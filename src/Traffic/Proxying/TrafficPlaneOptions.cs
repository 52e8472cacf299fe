using System.Net;

namespace Teal.Traffic.Proxying;

/// <param name="MayPreview">(token, service): does this token open the preview?</param>
/// <param name="TrustedProxies">Peers whose X-Forwarded-* and Forwarded are believed.</param>
public sealed record TrafficPlaneOptions(Func<string, string, bool> MayPreview, IReadOnlyList<IPNetwork> TrustedProxies)
{
    /// <summary>Ports that Teal itself listens on: no instance may have one.</summary>
    public Func<int, bool> IsOwnPort { get; init; } = static _ => false;

    /// <summary>The flags of an environment as they are now; of the default one when it is null. Asked once a request, so it must be quick.</summary>
    public Func<string?, FlagsInForce?> Flags { get; init; } = static _ => null;

    /// <summary>Who signs for a service; asked only for versions that want it, once a request. Null: nobody, and then no flags are handed over.</summary>
    public Func<string, FlagSigner?> Signers { get; init; } = static _ => null;

    public UpstreamLimits Upstream { get; init; } = UpstreamLimits.Default;

    /// <summary>Longest time that a client may take to send a body, however steadily.</summary>
    public TimeSpan Upload { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often answers that are late, bodies that take too long and holds that are over are looked for.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Time for a WebSocket to say goodbye, half of it the client's, and for requests that were cut to be gone.</summary>
    public TimeSpan Goodbye { get; init; } = TimeSpan.FromSeconds(5);
}
