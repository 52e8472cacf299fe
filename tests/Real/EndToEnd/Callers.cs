using System.Collections.Concurrent;
using System.Net;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>Users who ask for the front page, again and again, each with a new cookie jar. Remembers who answered, and how.</summary>
internal sealed class Callers : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Version, HttpStatusCode Status), int> _answers = new();
    private readonly ConcurrentQueue<string> _broken = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _everybody;

    private Callers(Uri address, int count) =>
        _everybody = Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(() => CallAsync(address))));

    public static Callers Call(TealProcess teal, int count = 4) => new(teal.Users, count);

    /// <summary>Answers of the app, by its version and their status; an answer that is not the app's has no version.</summary>
    public IReadOnlyDictionary<(string Version, HttpStatusCode Status), int> Answers => _answers;

    public int Of(string version, HttpStatusCode status = HttpStatusCode.OK) => _answers.GetValueOrDefault((version, status));

    public Task HearAsync(string version, int more = 1)
    {
        var wanted = Of(version) + more;
        return Eventually.ReturnsAsync(() => Task.FromResult(Of(version) >= wanted ? this : null), $"answers of {version}", Summary);
    }

    public async Task HangUpAsync()
    {
        await _stopping.CancelAsync();
        await _everybody;
    }

    /// <summary>Nobody saw anything but good answers of this version.</summary>
    public void AssertOnly(string version)
    {
        Assert.True(_broken.IsEmpty, Summary());
        Assert.True(_answers.Keys.All(key => key == (version, HttpStatusCode.OK)) && !_answers.IsEmpty, Summary());
    }

    /// <summary>Whatever version: nobody saw a failure.</summary>
    public void AssertNoneFailed()
    {
        Assert.True(_broken.IsEmpty, Summary());
        Assert.True(_answers.Keys.All(key => key.Status == HttpStatusCode.OK) && !_answers.IsEmpty, Summary());
    }

    public string Summary() => string.Join('\n', _answers.Select(pair => pair.ToString()).Concat(_broken));

    public async ValueTask DisposeAsync()
    {
        await HangUpAsync();
        _stopping.Dispose();
    }

    private async Task CallAsync(Uri address)
    {
        // A caller without a cookie is somebody new each time: both versions answer.
        using var handler = new SocketsHttpHandler { UseCookies = false };
        using var client = new HttpClient(handler) { BaseAddress = address };
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var answer = await client.GetAsync("/", CancellationToken.None);
                var version = answer.Headers.TryGetValues("x-app-version", out var values) ? values.First() : "";
                _answers.AddOrUpdate((version, answer.StatusCode), 1, (_, count) => count + 1);
            }
            catch (HttpRequestException e)
            {
                _broken.Enqueue(e.Message);
            }
            await Task.Delay(10);
        }
    }
}
