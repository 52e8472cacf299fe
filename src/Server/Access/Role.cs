using System.Diagnostics.CodeAnalysis;

namespace Teal.Server.Access;

/// <summary>What the holder of a token may do. Each of viewer, operator and admin may do all that the ones before may.</summary>
public enum Role
{
    /// <summary>Opens previews, and nothing else.</summary>
    Preview,

    /// <summary>Sees everything but tokens and backups.</summary>
    Viewer,

    /// <summary>Releases.</summary>
    Operator,

    /// <summary>Tokens, backups.</summary>
    Admin,
}

public static class Roles
{
    public const string All = "viewer, operator, admin or preview";

    /// <summary>The names on the wire, in lower case and nothing else.</summary>
    public static bool TryParse(string? name, [NotNullWhen(true)] out Role? role)
    {
        role = name switch
        {
            "preview" => Role.Preview,
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
            Role.Viewer => "viewer",
            Role.Operator => "operator",
            _ => "admin",
        };

    /// <summary>A preview is a version that users do not see yet: for whoever releases, and for those who were handed its token.</summary>
    public static bool May(this Role held, Role wanted) =>
        wanted == Role.Preview ? held is Role.Preview or >= Role.Operator : held != Role.Preview && held >= wanted;
}
