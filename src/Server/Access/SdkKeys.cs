using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Teal.Server.Access;

/// <summary>
/// The tokens as those who ask for flags present them: thousands of times a second. They are found by their hash instead of by a walk
/// through the book; what is found, the book judges: whoever may ask what flags are is let in here, and <see cref="Caller.Role"/> says who may more.
/// </summary>
/// <param name="tokens">The tokens of now: one reference read, the same reference while nothing changed.</param>
public sealed class SdkKeys(Func<ImmutableSortedDictionary<string, TokenCreated>> tokens, TimeProvider time)
{
    private const int MacBytes = 16;

    /// <summary>Good keys that are known without hashing them again: an application sends the same one with each request.</summary>
    private const int MostKnown = 1_000;

    private volatile KeyIndex _index = new(
        ImmutableSortedDictionary<string, TokenCreated>.Empty,
        FrozenDictionary<string, TokenCreated>.Empty
    );

    /// <summary>A secret that was presented in a header.</summary>
    public AccessAnswer Judge(string secret)
    {
        var index = Index();
        if (index.Known.TryGetValue(secret, out var known) && (known.Expires is not { } end || time.GetUtcNow() < end))
        {
            return known.Answer;
        }
        var hash = TokenSecret.LooksLikeOne(secret) ? TokenSecret.Hash(secret) : "";
        var token = index.ByHash.GetValueOrDefault(hash);
        var answer = Judge(token, hash);
        if (answer is AccessAnswer.Allowed allowed && index.Known.Count < MostKnown)
        {
            index.Known[secret] = new KnownKey(allowed, token!.Expires);
        }
        return answer;
    }

    /// <summary>
    /// Lets a listener in who cannot send a header: a browser's EventSource takes an address and nothing else. The channel is good for
    /// being told that something changed, as long as the token is good; it says nothing of the token.
    /// </summary>
    /// <returns>Null for a token that is bound to no environment.</returns>
    public string? ChannelOf(Caller caller) =>
        caller.Environment is { } environment && tokens().GetValueOrDefault(caller.Token) is { } token
            ? $"{token.Id}~{Convert.ToHexStringLower(Mac(token, environment))}"
            : null;

    /// <summary>Whose channel it is, judged anew.</summary>
    public AccessAnswer JudgeChannel(string channel)
    {
        var end = channel.LastIndexOf('~');
        var token = end > 0 ? tokens().GetValueOrDefault(channel[..end]) : null;
        var isRight =
            token is { Environment: { } environment }
            && CryptographicOperations.FixedTimeEquals(
                Encoding.ASCII.GetBytes(channel[(end + 1)..]),
                Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Mac(token, environment)))
            );
        return Judge(isRight ? token : null, isRight ? token!.Hash : "");
    }

    private AccessAnswer Judge(TokenCreated? token, string hash) =>
        TokenBook.Judge(token is null ? [] : [token], hash, time.GetUtcNow(), Role.Page, token?.Service);

    private static byte[] Mac(TokenCreated token, string environment) =>
        HMACSHA256.HashData(Encoding.ASCII.GetBytes(token.Hash), Encoding.UTF8.GetBytes("flag events of " + environment))[..MacBytes];

    private KeyIndex Index()
    {
        var (index, now) = (_index, tokens());
        if (!ReferenceEquals(index.Of, now))
        {
            _index = index = new KeyIndex(now, now.Values.ToFrozenDictionary(token => token.Hash, StringComparer.Ordinal));
        }
        return index;
    }

    /// <summary>Of one state of the book: what was remembered goes with it.</summary>
    private sealed record KeyIndex(ImmutableSortedDictionary<string, TokenCreated> Of, FrozenDictionary<string, TokenCreated> ByHash)
    {
        public ConcurrentDictionary<string, KnownKey> Known { get; } = new(StringComparer.Ordinal);
    }

    private sealed record KnownKey(AccessAnswer.Allowed Answer, DateTimeOffset? Expires);
}
