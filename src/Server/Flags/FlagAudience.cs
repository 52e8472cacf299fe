using Microsoft.AspNetCore.Http;
using Teal.Server.Access;

namespace Teal.Server.Flags;

/// <summary>Who is told flags, and of which environment.</summary>
/// <param name="Caller">Null for who needed no token.</param>
public sealed record FlagReader(Caller? Caller, string Environment)
{
    /// <summary>False on the admin port, where an event stream needs the header that no EventSource sends.</summary>
    public bool IsSentToEvents { get; init; } = true;
}

/// <summary>A reader, or why there is none.</summary>
public readonly record struct FlagReaderAnswer(FlagReader? Reader, AccessAnswer.Refused? Refusal);

/// <summary>Decides whose flags are read: by the token, the selector and the default environment. The same over every protocol.</summary>
public sealed class FlagAudience(FlagBoard board, SdkKeys keys)
{
    public const string EventsPath = "/ofrep/v1/events";

    /// <summary>Whoever holds this secret.</summary>
    public FlagReaderAnswer OfSecret(string secret, string? selector) => Of(keys.Judge(secret), selector);

    /// <summary>A listener who was sent to <see cref="EventsPath"/>.</summary>
    public FlagReaderAnswer OfChannel(string channel) => Of(keys.JudgeChannel(channel), null);

    /// <param name="caller">Null for who needs no token: on the unix socket, and on flagd's port on loopback.</param>
    public FlagReaderAnswer Of(Caller? caller, string? selector)
    {
        if (!FlagSelector.TryParse(selector, out var selected))
        {
            return Refused("TEAL9404", StatusCodes.Status400BadRequest, "The selector is environment=NAME or flagSetId=NAME.");
        }
        if (caller?.Environment is { } own && selected is not null && selected != own)
        {
            return Refused("TEAL9405", StatusCodes.Status403Forbidden, $"The token {caller.Token} is for the environment {own} only.");
        }
        return new(new FlagReader(caller, caller?.Environment ?? selected ?? board.DefaultEnvironment), null);
    }

    /// <summary>
    /// Where this reader may listen for changes, path and query. Null for a token of no environment: it belongs to a person or a script,
    /// whose event streams send it in their header.
    /// </summary>
    public string? EventsUri(FlagReader reader) =>
        !reader.IsSentToEvents ? null
        : reader.Caller is null ? $"{EventsPath}?environment={reader.Environment}"
        : keys.ChannelOf(reader.Caller) is { } channel ? $"{EventsPath}?channel={channel}"
        : null;

    public static string NoSuchEnvironment(string environment) => $"TEAL9406: there is no environment {environment}.";

    private FlagReaderAnswer Of(AccessAnswer answer, string? selector) =>
        answer switch
        {
            AccessAnswer.Allowed allowed => Of(allowed.Caller, selector),
            AccessAnswer.Refused refused => new(null, refused),
            _ => throw new NotSupportedException(),
        };

    private static FlagReaderAnswer Refused(string code, int status, string why) => new(null, new AccessAnswer.Refused(code, status, why));
}
