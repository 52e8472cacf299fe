using Teal.Server;

namespace Teal.Tests.Real.Versions;

public sealed class StateFolderTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("teal-test-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void A_new_home_is_its_owners_alone_and_keeps_its_id()
    {
        var path = Path.Combine(_root.FullName, "a/b/home");
        var home = StateFolder.Open(path);
        Assert.All(new[] { home.Root, home.Logs, home.Versions }, folder => Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder)));
        Assert.Matches("^[0-9a-f]{16}$", home.HomeId);
        Assert.Equal(home.HomeId, StateFolder.Open(path).HomeId);
        Assert.NotEqual(home.HomeId, StateFolder.Open(Path.Combine(_root.FullName, "other")).HomeId);
        Assert.Equal(path + "/journal.db", home.Journal);
        Assert.Equal(path + "/teal.sock", home.Socket);
        Assert.True(home.FreeBytes > 0);
    }

    [Fact]
    public void A_home_that_others_can_enter_is_refused()
    {
        File.SetUnixFileMode(_root.FullName, OwnerOnly | UnixFileMode.OtherExecute);
        var refusal = Assert.Throws<StateFolderException>(() => StateFolder.Open(_root.FullName));
        Assert.Equal("TEAL1504", refusal.Code);
        Assert.Contains("chmod 700 " + _root.FullName, refusal.Message);
    }

    [Fact]
    public void A_home_too_deep_for_a_socket_is_refused_with_both_lengths()
    {
        var longest = Path.Combine(
            _root.FullName,
            new string('x', StateFolder.LongestSocketPath - "//teal.sock".Length - _root.FullName.Length)
        );
        StateFolder.Open(longest);
        var refusal = Assert.Throws<StateFolderException>(() => StateFolder.Open(longest + "x"));
        Assert.Equal("TEAL1503", refusal.Code);
        Assert.Contains("108", refusal.Message);
        Assert.False(Directory.Exists(longest + "x"));
    }

    [Fact]
    public void A_file_in_the_homes_place_and_a_damaged_id_are_named()
    {
        var path = Path.Combine(_root.FullName, "home");
        File.WriteAllText(path, "");
        Assert.Equal("TEAL1501", Assert.Throws<StateFolderException>(() => StateFolder.Open(path)).Code);
        File.Delete(path);
        StateFolder.Open(path);
        File.WriteAllText(Path.Combine(path, "home.id"), "");
        Assert.Equal("TEAL1505", Assert.Throws<StateFolderException>(() => StateFolder.Open(path)).Code);
    }

    [Fact]
    public void The_home_is_the_variables_or_the_current_folders()
    {
        Assert.Equal("/srv/.teal", StateFolder.Locate(null, "/srv"));
        Assert.Equal("/srv/.teal", StateFolder.Locate("", "/srv"));
        Assert.Equal("/srv/state", StateFolder.Locate("state", "/srv"));
        Assert.Equal("/var/teal", StateFolder.Locate("/var/teal", "/srv"));
    }
}
