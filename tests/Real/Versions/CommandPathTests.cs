using Teal.Server.Versions;

namespace Teal.Tests.Real.Versions;

public sealed class CommandPathTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("teal-test-");
    private readonly string _folder;
    private readonly string _bin;

    public CommandPathTests()
    {
        _folder = _root.CreateSubdirectory("stored").FullName;
        _bin = _root.CreateSubdirectory("bin").FullName;
        Put(_folder, "app", isProgram: true);
        Put(_folder, "notes", isProgram: false);
        Put(_bin, "dotnet", isProgram: true);
        Put(_bin, "plain", isProgram: false);
        Put(_root.FullName, "outside", isProgram: true);
        File.CreateSymbolicLink(Path.Combine(_folder, "linked"), "app");
        File.CreateSymbolicLink(Path.Combine(_folder, "linked-notes"), "notes");
        Directory.CreateDirectory(Path.Combine(_folder, "python"));
        Put(_bin, "python", isProgram: true);
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Theory]
    [InlineData("./app", "stored/app")]
    [InlineData("app", "stored/app")]
    [InlineData("linked", "stored/linked")]
    [InlineData("dotnet", "bin/dotnet")]
    [InlineData("python", "bin/python")]
    public void A_program_is_found_in_the_folder_first_and_then_on_the_path(string command, string expected) =>
        Assert.Equal(new CommandPath.Found(Path.Combine(_root.FullName, expected)), Resolve(command));

    [Fact]
    public void An_absolute_program_is_taken_as_it_is() =>
        Assert.Equal(new CommandPath.Found(Path.Combine(_bin, "dotnet")), Resolve(Path.Combine(_bin, "dotnet")));

    [Theory]
    [InlineData("./absent", "TEAL1408")]
    [InlineData("bin/app", "TEAL1408")]
    [InlineData("../outside", "TEAL1408")]
    [InlineData("./../stored-too/app", "TEAL1408")]
    [InlineData("./python", "TEAL1408")]
    [InlineData("", "TEAL1408")]
    [InlineData("notes", "TEAL1409")]
    [InlineData("./notes", "TEAL1409")]
    [InlineData("linked-notes", "TEAL1409")]
    [InlineData("absent", "TEAL1410")]
    [InlineData("plain", "TEAL1410")]
    public void A_folder_without_the_command_is_refused_with_the_reason(string command, string code)
    {
        var missing = Assert.IsType<CommandPath.Missing>(Resolve(command));
        Assert.Equal(code, missing.Code);
        Assert.Contains(command, missing.Why);
    }

    private CommandPath Resolve(string command) => CommandPath.Resolve(_folder, command, $"relative::{_bin}");

    private static void Put(string folder, string name, bool isProgram)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, "");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | (isProgram ? UnixFileMode.UserExecute : UnixFileMode.None));
    }
}
