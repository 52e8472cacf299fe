using System.Net;

namespace Teal.Tests.Real.Traffic;

/// <summary>Clients that send GETs and POSTs until told to end; the first answer that is not 200 is what <see cref="EndAsync"/> throws.</summary>
internal sealed class Load : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly Task[] _clients;
    private long _answered;

    public Load(Door door, int clients, bool newConnections)
    {
        _clients = [.. Enumerable.Range(0, clients).Select(i => Task.Run(() => RunAsync(door, i, newConnections)))];
    }

    public long Answered => Interlocked.Read(ref _answered);

    public async Task SomeMoreAsync(int requests)
    {
        var wanted = Answered + requests;
        await Door.UntilAsync(() => Answered >= wanted || _clients.Any(static client => client.IsFaulted), "load goes on");
        foreach (var failed in _clients.Where(static client => client.IsFaulted))
        {
            await failed;
        }
    }

    public async Task<long> EndAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAll(_clients);
        return Answered;
    }

    public void Dispose() => _over.Cancel();

    private async Task RunAsync(Door door, int client, bool newConnections)
    {
        var http = door.NewClient();
        for (var i = 0; !_over.IsCancellationRequested; i++)
        {
            if (newConnections)
            {
                http.Dispose();
                http = door.NewClient();
            }
            using var answer =
                (i + client) % 3 == 0 ? await http.PostAsync("/", new StringContent($"{client}/{i}")) : await http.GetAsync("/");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.StartsWith("v", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Interlocked.Increment(ref _answered);
        }
        http.Dispose();
    }
}
