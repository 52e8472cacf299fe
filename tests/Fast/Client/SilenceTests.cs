using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Teal.Client;

namespace Teal.Tests.Fast.Client;

/// <summary>A server that takes the connection and says nothing, in a time of the test's own.</summary>
public sealed class SilenceTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    [Theory]
    [InlineData("", TealClientState.Starting)]
    [InlineData(
        "event: flags\ndata: {\"version\":1,\"connection\":1,\"environment\":\"p\",\"revision\":7,\"document\":{\"flags\":{}}}\n\n",
        TealClientState.Stale
    )]
    public async Task Silence_ends_a_stream_and_another_is_opened(string first, TealClientState state)
    {
        using var handler = new MuteHandler(first);
        var options = new TealClientOptions
        {
            Address = new Uri("http://teal.example"),
            Key = "teal_key",
            Handler = handler,
            Time = _time,
            Seed = 1,
            IsReporting = false,
        };
        await using var client = new TealClient(options);
        client.Start();
        var states = new HashSet<TealClientState>();
        while (handler.Streams < 3 || client.Status.LastError is null)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            states.Add(client.Status.State);
            await Task.Yield();
        }
        Assert.Equal("TEAL9451: http://teal.example/ said nothing for too long.", client.Status.LastError);
        Assert.Contains(state, states);
    }

    private sealed class MuteHandler(string first) : HttpMessageHandler
    {
        private int _streams;

        public int Streams => Volatile.Read(ref _streams);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post)
            {
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));
            }
            Interlocked.Increment(ref _streams);
            var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new MuteStream(first)) };
            answer.Content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
            return Task.FromResult(answer);
        }
    }

    /// <summary>After its first words a read ends when it is cancelled, and not before.</summary>
    private sealed class MuteStream(string first) : MemoryStream(System.Text.Encoding.UTF8.GetBytes(first))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Read(buffer.Span) is var read and > 0)
            {
                return read;
            }
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
