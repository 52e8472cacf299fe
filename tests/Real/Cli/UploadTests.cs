using Teal.Cli;
using Teal.Cli.Asking;
using Teal.Wire;

namespace Teal.Tests.Real.Cli;

public sealed class UploadTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("teal-upload-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_server_that_stops_taking_the_folder_is_not_waited_for()
    {
        await using var server = FakeServer.In(_folder.FullName, [], readsOnly: 1);
        await server.StartAsync();
        // More than every buffer between the two holds.
        var failure = await Assert.ThrowsAsync<CliException>(() => UploadAsync(server, new byte[32 << 20]));
        Assert.Equal(("TEAL7007", ExitCode.TimedOut), (failure.Code, failure.Exit));
        Assert.Contains("took nothing more of the folder for 1s, after ", failure.What);
        Assert.Equal("Nothing was released.", failure.Why);
    }

    [Fact]
    public async Task A_server_that_took_the_folder_and_never_answers_is_not_waited_for()
    {
        await using var server = FakeServer.In(_folder.FullName, [], readsOnly: 10_240);
        await server.StartAsync();
        var failure = await Assert.ThrowsAsync<CliException>(() => UploadAsync(server, new byte[10_240]));
        Assert.Equal(("TEAL7007", ExitCode.TimedOut), (failure.Code, failure.Exit));
        Assert.Contains("has the whole folder, 10 KiB, and did not confirm it within 10s.", failure.What);
    }

    [Fact]
    public async Task A_request_that_is_not_answered_is_named()
    {
        await using var server = FakeServer.In(_folder.FullName, [], readsOnly: 0);
        await server.StartAsync();
        using var api = new Api(ServerAddress.Parse($"unix:{server.SocketPath}", "/"), null, Patience);
        var asked = api.SendAsync(
            HttpMethod.Put,
            "api/v1/services/shop/versions/v2?hash=0",
            new CommandRequest(null, false, null),
            WireJson.Default.CommandRequest,
            WireJson.Default.StatusView,
            TestContext.Current.CancellationToken
        );
        var failure = await Assert.ThrowsAsync<CliException>(() => asked);
        Assert.EndsWith("did not answer PUT /api/v1/services/shop/versions/v2 within 1s.", failure.What);
    }

    private static async Task<VersionView> UploadAsync(FakeServer server, byte[] folder)
    {
        using var api = new Api(ServerAddress.Parse($"unix:{server.SocketPath}", "/"), null, Patience);
        return await api.UploadAsync(
            "api/v1/services/shop/versions/v2",
            "application/x-tar",
            async (stream, limit) => await stream.WriteAsync(folder, limit),
            WireJson.Default.VersionView,
            TestContext.Current.CancellationToken
        );
    }
}
