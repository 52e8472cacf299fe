using System.Net;
using Microsoft.AspNetCore.Http;

namespace Teal.Server.Flags;

/// <summary>What all streams of changes have in common.</summary>
internal static class FlagListening
{
    /// <summary>A client that takes nothing for as long as this is let go.</summary>
    public static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(10);

    private const int LongestAgent = 80;

    /// <summary>Its key, its address and what it calls itself: enough to find it.</summary>
    public static string NameOf(HttpContext http, FlagReader reader, string agent)
    {
        var connection = http.Connection;
        var address = connection.RemoteIpAddress is { } ip ? new IPEndPoint(ip, connection.RemotePort).ToString() : "unix socket";
        var shown = string.Concat(agent.Take(LongestAgent).Where(character => character is >= ' ' and <= '~'));
        return $"{reader.Caller?.Token ?? "no key"} from {address}{(shown.Length > 0 ? $", {shown}" : "")}";
    }
}
