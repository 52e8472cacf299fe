using Teal.Releases;

namespace Teal.Server.Flags;

/// <summary>
/// What flagd's providers call a selector, here the choice of an environment: <c>environment=staging</c>, <c>flagSetId=staging</c> or
/// the name alone.
/// </summary>
public static class FlagSelector
{
    /// <summary>The header, in HTTP and in gRPC.</summary>
    public const string Header = "flagd-selector";

    private static readonly string[] Keys = ["environment", "flagSetId"];

    /// <summary>False when it is something else. Nothing selected is null.</summary>
    public static bool TryParse(string? text, out string? environment)
    {
        environment = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = text[(equals + 1)..].Trim();
        if ((equals >= 0 && !Keys.Contains(text[..equals].Trim(), StringComparer.Ordinal)) || !Names.IsEnvironment(name))
        {
            return false;
        }
        environment = name;
        return true;
    }
}
