using System.Security.Cryptography;
using System.Text;

namespace Teal.Server.Access;

/// <summary>Who is asking, once it is known.</summary>
/// <param name="Token">The token's id, for the audit trail; never the token.</param>
/// <param name="Service">The only service that it may touch; null for all.</param>
/// <param name="Environment">The only environment whose flags it is told; null for all.</param>
public sealed record Caller(string Token, Role Role, string? Service, string? Environment = null);

public abstract record AccessAnswer
{
    public sealed record Allowed(Caller Caller) : AccessAnswer;

    /// <param name="Status">401 when the token is not known or over, 403 when it may not do this.</param>
    public record Refused(string Code, int Status, string Why) : AccessAnswer
    {
        /// <summary>When to try again, where that helps.</summary>
        public TimeSpan? Wait { get; init; }
    }
}

/// <summary>Looks a token up. Pure: the tokens are those of the journal's fold, the time is the caller's.</summary>
public static class TokenBook
{
    /// <param name="presentedHash"><see cref="TokenSecret.Hash"/> of what was presented.</param>
    /// <param name="service">The service that the request is about; null when it is about the server or all services.</param>
    public static AccessAnswer Judge(
        IEnumerable<TokenCreated> tokens,
        string presentedHash,
        DateTimeOffset now,
        Role wanted,
        string? service
    )
    {
        // An unknown token and one that is over get the same answer: nobody learns that it once was good.
        if (Find(tokens, presentedHash) is not { } token || token.Expires <= now || !Roles.TryParse(token.Role, out var role))
        {
            return new AccessAnswer.Refused("TEAL6001", 401, "The token is not known, was revoked or has expired. `teal token create`");
        }
        if (!role.Value.May(wanted))
        {
            return TooSmall(token.Id, role.Value, wanted);
        }
        if (token.Service is not null && !string.Equals(token.Service, service, StringComparison.Ordinal))
        {
            return new AccessAnswer.Refused("TEAL6003", 403, $"The token {token.Id} is for the service {token.Service} only.");
        }
        return new AccessAnswer.Allowed(new Caller(token.Id, role.Value, token.Service, token.Environment));
    }

    /// <summary>The token is good, and its role may not do this.</summary>
    public static AccessAnswer.Refused TooSmall(string token, Role held, Role wanted) =>
        new(
            "TEAL6002",
            403,
            $"The token {token} is for a {held.Name()}; this needs {Wanted(wanted)}."
                + (
                    held == Role.Page && wanted == Role.Sdk
                        ? " A page's visitors can read its key, so it opens OFREP and nothing else;"
                            + " a server takes one of its own: `teal token create NAME --role sdk --environment NAME`"
                        : ""
                )
        );

    private static string Wanted(Role wanted) =>
        wanted switch
        {
            Role.Preview => "preview or operator",
            Role.Page => "page, sdk or viewer",
            Role.Sdk => "sdk or viewer",
            _ => wanted.Name(),
        };

    /// <summary>Compares with every token, each in constant time: how long it takes says nothing of what is in the book.</summary>
    private static TokenCreated? Find(IEnumerable<TokenCreated> tokens, string presentedHash)
    {
        var presented = Encoding.ASCII.GetBytes(presentedHash);
        TokenCreated? found = null;
        foreach (var token in tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(token.Hash), presented))
            {
                found = token;
            }
        }
        return found;
    }
}
