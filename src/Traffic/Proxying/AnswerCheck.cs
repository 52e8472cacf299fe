using System.Net.Http.Headers;

namespace Teal.Traffic.Proxying;

/// <summary>An instance's answer whose length can be read in two ways is no answer.</summary>
internal static class AnswerCheck
{
    /// <exception cref="HttpRequestException">The framing is ambiguous.</exception>
    public static void Demand(HttpResponseMessage answer)
    {
        if (!answer.Content.Headers.NonValidated.TryGetValues("Content-Length", out HeaderStringValues lengths))
        {
            return;
        }
        if (
            lengths.Count > 1
            || answer.Headers.NonValidated.Contains("Transfer-Encoding")
            || !long.TryParse(lengths.ToString(), out var length)
            || length < 0
        )
        {
            throw new HttpRequestException(HttpRequestError.InvalidResponse, "The length of the answer can be read in more than one way.");
        }
    }
}
