namespace Teal.Tests.Real.Cli;

/// <summary>An ASP.NET Core app whose cookies end with its version is told of it before users are.</summary>
public sealed class SharedKeysTests
{
    private const string AspNetCore =
        """{ "runtimeOptions": { "frameworks": [ { "name": "Microsoft.AspNetCore.App", "version": "10.0.0" } ] } }""";

    [Theory]
    [InlineData("main\0AddCookie\0x", true)]
    [InlineData("main\0AddCookie\0SetApplicationName\0x", false)]
    [InlineData("main\0MapGet\0x", false)]
    public async Task The_plan_and_the_doctor_warn_of_keys_that_the_next_version_would_not_accept(string names, bool isWarned)
    {
        using var call = new CliCall();
        await using var server = FakeServer.In(call.State, []);
        await server.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(call.Folder, "shop.runtimeconfig.json"), AspNetCore);
        await File.WriteAllTextAsync(Path.Combine(call.Folder, "shop.dll"), names);
        await File.WriteAllTextAsync(Path.Combine(call.Folder, "Microsoft.Thing.dll"), "\0AddCookie\0");
        await call.RunAsync("plan v2");
        Assert.Equal(0, call.Exit);
        Assert.Equal(isWarned, call.Error.Contains("SetApplicationName", StringComparison.Ordinal));
        await call.RunAsync("doctor");
        Assert.Equal(isWarned, call.Output.Contains("shared keys", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_no_web_app_is_left_alone()
    {
        using var call = new CliCall();
        await using var server = FakeServer.In(call.State, []);
        await server.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(call.Folder, "shop.dll"), "\0AddCookie\0");
        await call.RunAsync("plan v2");
        Assert.Equal("", call.Error);
    }
}
