using System.Diagnostics.CodeAnalysis;

namespace Teal.Server.Access;

/// <summary>What the holder of a token may do. Each of viewer, operator and admin may do all that the ones before may.</summary>
public enum Role
{
    /// <summary>Opens previews, and nothing else.</summary>
    Preview,

    /// <summary>A page, whose visitors can read its key: asks what one environment's flags are, and nothing else.</summary>
    Page,

    /// <summary>An application on a server: is sent one environment's rules too, and reports.</summary>
    Sdk,

    /// <summary>Sees everything but tokens and backups.</summary>
    Viewer,

    /// <summary>Releases.</summary>
    Operator,

    /// <summary>Tokens, backups.</summary>
    Admin,
}

public static class Roles
{
    public const string All = "viewer, operator, admin, preview, page or sdk";

    /// <summary>The names on the wire, in lower case and nothing else.</summary>
    public static bool TryParse(string? name, [NotNullWhen(true)] out Role? role)
    {
        role = name switch
        {
            "preview" => Role.Preview,
            "page" => Role.Page,
            "sdk" => Role.Sdk,
            "viewer" => Role.Viewer,
            "operator" => Role.Operator,
            "admin" => Role.Admin,
            _ => null,
        };
        return role is not null;
    }

    public static string Name(this Role role) =>
        role switch
        {
            Role.Preview => "preview",
            Role.Page => "page",
            Role.Sdk => "sdk",
            Role.Viewer => "viewer",
            Role.Operator => "operator",
            _ => "admin",
        };

    /// <summary>Its tokens are for one environment; those of other roles reach further than any.</summary>
    public static bool IsOfEnvironment(this Role role) => role is Role.Page or Role.Sdk;

    /// <summary>
    /// A preview is a version that users do not see yet: for whoever releases, and for those who were handed its token. The roles that
    /// open flags or a preview open nothing else.
    /// </summary>
    public static bool May(this Role held, Role wanted) =>
        wanted switch
        {
            Role.Preview => held is Role.Preview or >= Role.Operator,
            Role.Page => held >= Role.Page,
            Role.Sdk => held >= Role.Sdk,
            _ => held >= Role.Viewer && held >= wanted,
        };
}
