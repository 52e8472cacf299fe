using System.Collections.Frozen;

namespace Teal.Traffic;

/// <summary>
/// Which service a host and a path belong to. The most specific host that has a matching path wins: exact, then the longest wildcard,
/// then <c>*</c>; within it the longest prefix. <c>*.example.com</c> stands for every name below, not for <c>example.com</c> itself.
/// </summary>
internal sealed class RouteIndex<T>
    where T : class
{
    private readonly FrozenDictionary<string, Prefix[]> _exact;
    private readonly FrozenDictionary<string, Prefix[]>.AlternateLookup<ReadOnlySpan<char>> _exactBySpan;
    private readonly (string Suffix, Prefix[] Paths)[] _wildcards;
    private readonly Prefix[] _any;

    public RouteIndex(IEnumerable<(RouteRule Rule, T Value)> routes)
    {
        var hosts = routes
            .GroupBy(static route => route.Rule.Host, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static host => host.Key, Longest, StringComparer.OrdinalIgnoreCase);
        _any = hosts.GetValueOrDefault("*", []);
        _wildcards =
        [
            .. hosts
                .Where(static host => host.Key.StartsWith("*.", StringComparison.Ordinal))
                .Select(static host => (host.Key[1..], host.Value))
                .OrderByDescending(static wildcard => wildcard.Item1.Length),
        ];
        _exact = hosts.Where(static host => host.Key[0] != '*').ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _exactBySpan = _exact.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <param name="host">As in the Host header, with or without a port.</param>
    /// <param name="path">Decoded, starting with a slash.</param>
    public T? Find(ReadOnlySpan<char> host, ReadOnlySpan<char> path)
    {
        var name = WithoutPort(host);
        if (_exactBySpan.TryGetValue(name, out var prefixes) && Match(prefixes, path) is { } exact)
        {
            return exact;
        }
        foreach (var (suffix, paths) in _wildcards)
        {
            if (name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && Match(paths, path) is { } below)
            {
                return below;
            }
        }
        return Match(_any, path);
    }

    private static Prefix[] Longest(IEnumerable<(RouteRule Rule, T Value)> routes) =>
        [
            .. routes
                .Select(static route => new Prefix(route.Rule.Path.TrimEnd('/'), route.Value))
                .OrderByDescending(static prefix => prefix.Path.Length),
        ];

    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        var name = colon < 0 || host[^1] == ']' ? host : host[..colon];
        // example.com. and example.com are one name.
        return name.Length > 1 && name[^1] == '.' ? name[..^1] : name;
    }

    private static T? Match(Prefix[] prefixes, ReadOnlySpan<char> path)
    {
        foreach (var prefix in prefixes)
        {
            if (path.StartsWith(prefix.Path, StringComparison.Ordinal) && EndsSegment(path, prefix.Path.Length))
            {
                return prefix.Value;
            }
        }
        return null;
    }

    private static bool EndsSegment(ReadOnlySpan<char> path, int at) => at == path.Length || path[at] == '/';

    /// <param name="Path">Without the last slash: empty matches everything.</param>
    private sealed record Prefix(string Path, T Value);
}
