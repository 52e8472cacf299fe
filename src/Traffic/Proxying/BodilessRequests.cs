using Microsoft.Extensions.Primitives;

namespace Teal.Traffic.Proxying;

/// <summary>
/// Gives a request without a body an empty one where that matters: SocketsHttpHandler sends a request without content again by itself,
/// whatever its method, when a connection ends without an answer, and a POST would be done twice. Also the place for Content-Type and the
/// like of such a request, which only a content can carry.
/// </summary>
internal sealed class BodilessRequests(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<List<KeyValuePair<string, StringValues>>> Kept = new("teal-content-headers");

    public static void Keep(HttpRequestMessage message, string name, StringValues value)
    {
        if (!message.Options.TryGetValue(Kept, out var kept))
        {
            message.Options.Set(Kept, kept = []);
        }
        kept.Add(KeyValuePair.Create(name, value));
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var hasKept = request.Options.TryGetValue(Kept, out var kept);
        if (request.Content is null && (hasKept || !IsSafeTwice(request.Method)))
        {
            request.Content = new ByteArrayContent([]);
            foreach (var (name, value) in kept ?? [])
            {
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
            }
        }
        return base.SendAsync(request, cancellationToken);
    }

    private static bool IsSafeTwice(HttpMethod method) =>
        method == HttpMethod.Get
        || method == HttpMethod.Head
        || method == HttpMethod.Options
        || method == HttpMethod.Put
        || method == HttpMethod.Delete
        || method == HttpMethod.Connect;
}
