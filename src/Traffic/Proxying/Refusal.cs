using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Teal.Traffic.Proxying;

/// <summary>An answer of Teal itself.</summary>
/// <param name="Closes">The connection cannot be trusted any more.</param>
/// <param name="RetryAfterSeconds">0: not said.</param>
internal sealed record Refusal(int Status, string Code, string Why, bool Closes = false, int RetryAfterSeconds = 0)
{
    private readonly byte[] _body = System.Text.Encoding.ASCII.GetBytes($"{Code} {Why}\n");

    /// <summary>Writes it when no answer has started; resets the client otherwise, so that half an answer is never taken for a whole one.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }
        response.Clear();
        response.StatusCode = Status;
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = _body.Length;
        if (Closes && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            response.Headers.Connection = "close";
        }
        if (RetryAfterSeconds > 0)
        {
            response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(_body, context.RequestAborted);
        }
    }
}
