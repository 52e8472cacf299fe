using System.Net;
using System.Text.RegularExpressions;
using Teal.Flags;

namespace Teal.Releases;

/// <summary>The kinds of text that a manifest holds.</summary>
internal enum TextForm
{
    Argument,
    ServiceName,
    Port,
    EnvName,
    EnvValue,
    Host,
    RoutePath,
    RequestPath,
    Target,
    Identity,
    LoopbackAddress,
    SecretReference,
    FlagKey,
    FlagEnvironment,
    AttributeName,
    CohortTie,
}

/// <summary>What a text has to look like.</summary>
/// <param name="Words">What is wanted, for the error.</param>
/// <param name="Pattern">A regular expression over the whole text, in the dialect that JSON Schema and .NET share; null: any text.</param>
/// <param name="Refuse">What the pattern cannot say: why the text is refused, or null.</param>
internal sealed record ManifestForm(string Words, string? Pattern, Func<string, string?>? Refuse = null)
{
    private const string HeaderName = "[A-Za-z0-9-]{1,64}";
    private const string CookieName = "[A-Za-z0-9_.-]{1,64}";
    private const string Label = "[a-z0-9]+(-+[a-z0-9]+)*";
    private const int LongestText = 32 * 1024;

    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    // The text is anybody's, so every pattern is one that has a single way to match. RegexOptions.NonBacktracking would forgive others,
    // and costs each start of the command line 60 ms.
    private readonly Regex? _regex = Pattern is null ? null : new Regex($@"^(?:{Pattern})\z", RegexOptions.CultureInvariant, LongestMatch);

    private static readonly Dictionary<TextForm, ManifestForm> Forms = new()
    {
        [TextForm.Argument] = new("a text", null),
        [TextForm.ServiceName] = new(
            Names.ServiceWords,
            Names.ServicePattern,
            text => Names.IsService(text) ? null : "this name belongs to a device on some systems"
        ),
        [TextForm.Port] = new("auto: each instance is given a free port", "auto"),
        [TextForm.EnvName] = new(
            "letters, digits and underscores, not starting with a digit",
            "[A-Za-z_][A-Za-z0-9_]{0,127}",
            RefuseEnvName
        ),
        [TextForm.EnvValue] = new("a text, env:NAME or file:PATH", null, RefuseEnvValue),
        [TextForm.Host] = new(
            "a host name in lower case without a port, *.example.com, or *",
            $@"\*|(\*\.)?{Label}(\.{Label})*",
            RefuseHost
        ),
        [TextForm.RoutePath] = new(
            "a path that begins with '/', without '?', '#', '%', '//' or spaces",
            "/|(/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+/?",
            RefusePath
        ),
        [TextForm.RequestPath] = new("a path that begins with '/', without '#' or spaces", "/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*", RefusePath),
        [TextForm.Target] = new(
            "segment:NAME, header:NAME=VALUE, cookie:NAME=VALUE or address:CIDR",
            $@"segment:{FlagNames.PlacePattern}|header:{HeaderName}=[ -~]+|cookie:{CookieName}=[!-~]+|address:[0-9A-Fa-f.:]{{2,45}}/[0-9]{{1,3}}",
            RefuseTarget
        ),
        [TextForm.Identity] = new("header:NAME, cookie:NAME or address", $"header:{HeaderName}|cookie:{CookieName}|address"),
        [TextForm.SecretReference] = new(
            "env:NAME or file:PATH, where the secret stands, never the secret itself",
            "env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:.+",
            RefuseEnvValue
        ),
        [TextForm.FlagKey] = new(
            FlagNames.KeyWords,
            FlagNames.KeyPattern,
            text => FlagNames.IsKey(text) ? null : "no flag may have this name"
        ),
        [TextForm.FlagEnvironment] = new(FlagNames.PlaceWords, FlagNames.PlacePattern),
        [TextForm.AttributeName] = new(
            "letters, digits, underscores and dashes, not starting with a digit or a dash, at most 64 characters",
            "[A-Za-z_][A-Za-z0-9_-]{0,63}",
            RefuseAttribute
        ),
        [TextForm.CohortTie] = new(
            "same-as flag:KEY or disjoint-from flag:KEY",
            $"(same-as|disjoint-from) flag:{FlagNames.KeyPattern}",
            text => FlagNames.IsKey(text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]) ? null : "no flag may have this name"
        ),
        [TextForm.LoopbackAddress] = new(
            "an address on loopback with its port, like 127.0.0.1:0",
            @"(127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\[::1\]):[0-9]{1,5}",
            text => IPEndPoint.TryParse(text, out _) ? null : "no such address or port"
        ),
    };

    public static ManifestForm Of(TextForm form) => Forms[form];

    /// <summary>Why the text is refused, or null when it is good.</summary>
    public string? WhyNot(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return "it holds a NUL character";
        }
        if (text.Length > LongestText)
        {
            return "it is longer than 32768 characters";
        }
        return _regex?.IsMatch(text) != false ? Refuse?.Invoke(text) : $"wanted is {Words}";
    }

    /// <summary>True when a part of the path climbs to its parent.</summary>
    public static bool Climbs(string path) => path.Split('/', '\\').Contains("..");

    private static string? RefuseHost(string text) =>
        text.Length > 253 ? "a host name has at most 253 characters"
        : text.Split('.').Any(label => label.Length > 63) ? "a part of a host name has at most 63 characters"
        : null;

    private static string? RefusePath(string text) =>
        text.Length > 1024 ? "a path has at most 1024 characters"
        : text.Split('?')[0].Split('/').Any(part => part is "." or "..") ? "'.' and '..' may not stand in a path"
        : null;

    private static string? RefuseEnvName(string name) =>
        name is "PORT" or "ASPNETCORE_URLS" || name.StartsWith("TEAL_", StringComparison.Ordinal) ? "it is set by Teal itself" : null;

    private static string? RefuseAttribute(string name) =>
        name == "targetingKey" ? "it is set by Teal itself, from release.cohort.by"
        : FlagNames.IsAttribute(name) ? null
        : "it is a word of the rules";

    private static string? RefuseEnvValue(string value)
    {
        if (value.StartsWith("env:", StringComparison.Ordinal))
        {
            var isName = Regex.IsMatch(value, @"^env:[A-Za-z_][A-Za-z0-9_]{0,127}\z", RegexOptions.CultureInvariant, LongestMatch);
            return isName ? null : "env: is followed by the name of a variable";
        }
        var path = value.StartsWith("file:", StringComparison.Ordinal) ? value[5..] : null;
        return path is null ? null
            : path.Trim().Length == 0 || path.Length > 1024 ? "file: is followed by a path"
            : Climbs(path) ? "'..' may not stand in a path"
            : null;
    }

    private static string? RefuseTarget(string text) =>
        text.Length > 512 ? "a target has at most 512 characters"
        : !text.StartsWith("address:", StringComparison.Ordinal) || IPNetwork.TryParse(text["address:".Length..], out _) ? null
        : "no such address range; written like 10.0.0.0/8, with zeros behind the prefix";
}
