using System.Net;
using System.Net.Sockets;
using Teal.Server.Processes;

namespace Teal.Server.Notifying;

/// <summary>Where a webhook's reference leads, judged before anything is sent. No message of it repeats what the reference holds.</summary>
public static class WebhookAddress
{
    /// <summary>Null with a reason, when it cannot be used.</summary>
    /// <param name="folder">Where a relative <c>file:</c> begins.</param>
    public static Uri? Read(string webhook, string folder, SecretSources sources, out string why)
    {
        var text = sources.Read(webhook, folder)?.Trim();
        var isGood =
            Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "" } && uri.Host.Length > 0;
        why = string.IsNullOrEmpty(text) ? $"{webhook} is not there" : $"{webhook} holds no address that begins with https:// or http://";
        return isGood ? uri : null;
    }

    /// <summary>Why nothing is sent to an address that a name led to; null: it may be.</summary>
    /// <param name="isOwnPort">Ports of this machine that Teal itself listens on.</param>
    public static string? WhyNot(IPAddress address, int port, Func<int, bool> isOwnPort)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any) || plain.Equals(IPAddress.Broadcast) || IsMulticast(plain))
        {
            return "it leads to no single machine";
        }
        // 169.254.169.254 gives a cloud machine's own credentials to whoever asks from it.
        if (plain.IsIPv6LinkLocal || (plain.AddressFamily == AddressFamily.InterNetwork && plain.GetAddressBytes() is [169, 254, ..]))
        {
            return "it leads to a link-local address";
        }
        return IPAddress.IsLoopback(plain) && isOwnPort(port) ? "it leads to Teal itself" : null;
    }

    private static bool IsMulticast(IPAddress address) =>
        address.IsIPv6Multicast
        || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and <= 239);
}
