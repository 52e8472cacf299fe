using Microsoft.AspNetCore.Http;

namespace Teal.Traffic.Proxying;

/// <summary>How one try to forward a request ended.</summary>
internal enum ForwardEnd
{
    /// <summary>A whole answer reached the client, or the connection that it became has ended.</summary>
    Answered,

    /// <summary>Provably not processed: no connection, or it was closed before a byte was written. Any instance may be asked.</summary>
    Unsent,

    /// <summary>No answer, and nothing says that the request was not processed.</summary>
    NoAnswer,

    /// <summary>The answer broke off after its head; the client was reset.</summary>
    BrokenOff,

    /// <summary>The client left.</summary>
    ClientGone,

    /// <summary>The client's body is wrong or too slow; the status that says how is set.</summary>
    BadBody,

    /// <summary>Teal stopped it: see <see cref="Passage.Stop"/>.</summary>
    Stopped,
}

/// <summary>The upstream side. Nothing above it knows how bytes reach an instance.</summary>
internal interface IForwarder : IDisposable
{
    /// <summary>Sends the request to the instance and its answer to the client. After an end other than Answered, an answer may still be
    /// written when none has started.</summary>
    ValueTask<ForwardEnd> ForwardAsync(HttpContext context, Passage passage, InstanceRoute instance, bool isHttp2);
}
