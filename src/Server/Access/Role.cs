using System.Diagnostics.CodeAnalysis;

namespace Teal.Server.Access;

/// <summary>What the holder of a token may do. Each of viewer, operator and admin may do all that the ones before may.</summary>
public enum Role
{
    /// <summary>Opens previews, and nothing else.</summary>
    Preview,

    /// <summary>An application or a page: is told the values of one environment's flags, and nothing else.</summary>
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
    public const string All = "viewer, operator, admin, preview or sdk";

    /// <summary>The names on the wire, in lower case and nothing else.</summary>
    public static bool TryParse(string? name, [NotNullWhen(true)] out Role? role)
    {
        role = name switch
        {
            "preview" => Role.Preview,
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
            Role.Sdk => "sdk",
            Role.Viewer => "viewer",
            Role.Operator => "operator",
            _ => "admin",
        };

    /// <summary>
    /// A preview is a version that users do not see yet: for whoever releases, and for those who were handed its token. The two roles that
    /// open one thing open no other.
    /// </summary>
    public static bool May(this Role held, Role wanted) =>
        wanted switch
        {
            Role.Preview => held is Role.Preview or >= Role.Operator,
            Role.Sdk => held is Role.Sdk or >= Role.Viewer,
            _ => held >= Role.Viewer && held >= wanted,
        };
}
