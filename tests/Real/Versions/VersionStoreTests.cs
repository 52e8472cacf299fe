using System.Formats.Tar;
using System.Net.Sockets;
using System.Text;
using Teal.Server.Versions;

namespace Teal.Tests.Real.Versions;

public sealed class VersionStoreTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("teal-test-");
    private readonly VersionStore _store;

    public VersionStoreTests() => _store = VersionStore.Open(StoreRoot, new VersionLimits());

    private string StoreRoot => Path.Combine(_root.FullName, "versions");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task A_folder_comes_back_with_its_content_its_modes_and_the_same_fingerprint()
    {
        var folder = Sample();
        var stored = await Take(folder, null);
        var fingerprint = FolderFingerprint.Of(folder);
        Assert.Equal(fingerprint, stored.Fingerprint);
        Assert.Equal(fingerprint.Hash[..12], stored.Version);
        Assert.Equal(fingerprint, FolderFingerprint.Of(new DirectoryInfo(stored.Folder)));
        Assert.Equal("hello", File.ReadAllText(Path.Combine(stored.Folder, "wwwroot/deep/ü.txt")));
        Assert.Equal("app", new FileInfo(Path.Combine(stored.Folder, "current")).LinkTarget);
        Assert.True(File.GetUnixFileMode(Path.Combine(stored.Folder, "app")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(File.GetUnixFileMode(Path.Combine(stored.Folder, "wwwroot/deep/ü.txt")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(stored with { Already = true }, _store.Find("shop", stored.Version));
    }

    [Fact]
    public async Task What_is_named_git_or_teal_is_left_out_and_changes_no_fingerprint()
    {
        var folder = Sample();
        var before = FolderFingerprint.Of(folder);
        folder.CreateSubdirectory(".git");
        File.WriteAllText(Path.Combine(folder.FullName, ".git/config"), "x");
        folder.CreateSubdirectory("wwwroot/.teal");
        Assert.Equal(before, FolderFingerprint.Of(folder));
        Assert.Equal(before, (await Take(folder, "1.0")).Fingerprint);
        Assert.False(Directory.Exists(Path.Combine(StoreRoot, "shop/1.0/.git")));
    }

    [Fact]
    public void Every_change_that_matters_changes_the_fingerprint()
    {
        var folder = Sample();
        var prints = new HashSet<string>();
        void Seen() => Assert.True(prints.Add(FolderFingerprint.Of(folder).Hash));
        Seen();
        File.AppendAllText(Path.Combine(folder.FullName, "app"), "!");
        Seen();
        File.SetUnixFileMode(Path.Combine(folder.FullName, "app"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Seen();
        File.Move(Path.Combine(folder.FullName, "app"), Path.Combine(folder.FullName, "app2"));
        Seen();
        folder.CreateSubdirectory("empty");
        Seen();
        File.Delete(Path.Combine(folder.FullName, "current"));
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "current"), "app2");
        Seen();
    }

    [Fact]
    public async Task The_same_again_is_already_there_and_other_content_is_a_conflict()
    {
        var folder = Sample();
        var first = await Take(folder, "1.0");
        Assert.False(first.Already);
        Assert.Equal(first with { Already = true }, await Take(folder, "1.0"));
        File.WriteAllText(Path.Combine(folder.FullName, "app"), "other");
        var conflict = await Assert.ThrowsAsync<VersionStoreException>(() => Take(folder, "1.0"));
        Assert.Equal(("TEAL1402", true), (conflict.Code, conflict.IsConflict));
        Assert.Equal(first.Fingerprint, FolderFingerprint.Of(new DirectoryInfo(first.Folder)));
        NothingIsBeingTaken();
    }

    [Fact]
    public async Task A_later_change_to_the_folder_changes_nothing_that_was_stored()
    {
        var folder = Sample();
        var stored = await Take(folder, "1.0");
        folder.Delete(recursive: true);
        Assert.Equal(stored.Fingerprint, FolderFingerprint.Of(new DirectoryInfo(stored.Folder)));
    }

    public static TheoryData<TarEntryType, string, string?> Hostile =>
        new()
        {
            { TarEntryType.RegularFile, "../out", null },
            { TarEntryType.RegularFile, "/tmp/out", null },
            { TarEntryType.RegularFile, "a/../../out", null },
            { TarEntryType.RegularFile, "a//b", null },
            { TarEntryType.RegularFile, ".git/hooks/post-merge", null },
            { TarEntryType.RegularFile, "a/" + new string('x', 1100), null },
            { TarEntryType.RegularFile, string.Join('/', Enumerable.Repeat("d", 65)), null },
            { TarEntryType.SymbolicLink, "link", "/etc/passwd" },
            { TarEntryType.SymbolicLink, "link", "../out" },
            { TarEntryType.SymbolicLink, "a/link", "../../out" },
            { TarEntryType.SymbolicLink, "link", "here/here/../../../etc" },
            { TarEntryType.HardLink, "link", "/etc/passwd" },
            { TarEntryType.Fifo, "pipe", null },
            { TarEntryType.CharacterDevice, "device", null },
        };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task What_leads_out_or_is_no_file_is_refused_and_leaves_nothing(TarEntryType type, string path, string? link)
    {
        var entry = new PaxTarEntry(type, path);
        if (link is not null)
        {
            entry.LinkName = link;
        }
        await Refused("TEAL1403", Regular("app", "x"), entry);
    }

    [Fact]
    public async Task Nothing_is_written_through_a_link_and_no_path_comes_twice()
    {
        await Refused("TEAL1403", Link("way", "."), Regular("way/app", "x"));
        await Refused("TEAL1403", Regular("app", "x"), Regular("app", "y"));
        await Refused("TEAL1403", Regular("app", "x"), Link("app", "other"));
        await Refused("TEAL1403", Link("app", "other"), new PaxTarEntry(TarEntryType.Directory, "app"));
        await Refused("TEAL1403", Regular("app", "x"), Regular("app/inside", "y"));
    }

    [Fact]
    public async Task Links_that_stay_inside_are_taken()
    {
        var stored = await _store.TakeAsync(
            "shop",
            "1",
            Tar(Regular("a/b/app", "x"), Link("a/b/up", "../../a"), Link("top", "a/b")),
            default
        );
        Assert.Equal("x", File.ReadAllText(Path.Combine(stored.Folder, "top/up/b/app")));
    }

    [Fact]
    public async Task Limits_are_kept()
    {
        var small = VersionStore.Open(Path.Combine(_root.FullName, "small"), new VersionLimits(Files: 3, Bytes: 10));
        Task Take(params TarEntry[] entries) => small.TakeAsync("shop", "1", Tar(entries), default);
        Assert.Equal("TEAL1405", (await Assert.ThrowsAsync<VersionStoreException>(() => Take(Regular("a", "12345678901")))).Code);
        Assert.Equal(
            "TEAL1405",
            (await Assert.ThrowsAsync<VersionStoreException>(() => Take(Regular("a", "123456"), Regular("b", "12345")))).Code
        );
        Assert.Equal("TEAL1405", (await Assert.ThrowsAsync<VersionStoreException>(() => Take(Regular("a/b/c/d", "")))).Code);
        Assert.Equal("TEAL1407", (await Assert.ThrowsAsync<VersionStoreException>(() => Take())).Code);
    }

    [Theory]
    [InlineData("../x", "1")]
    [InlineData("Shop", "1")]
    [InlineData("", "1")]
    [InlineData("-o", "1")]
    [InlineData("a\nb", "1")]
    [InlineData("shop", "../x")]
    [InlineData("shop", ".records")]
    [InlineData("shop", "-rf")]
    [InlineData("shop", "1.")]
    [InlineData("shop", "")]
    [InlineData("shop", "v\u202e1")]
    [InlineData("shop", "1\0")]
    public async Task Names_are_strict(string service, string version)
    {
        var refusal = await Assert.ThrowsAsync<VersionStoreException>(() =>
            _store.TakeAsync(service, version, Tar(Regular("a", "x")), default)
        );
        Assert.Equal("TEAL1401", refusal.Code);
        Assert.Null(_store.Find(service, version));
        Assert.False(_store.Remove(service, version));
    }

    [Fact]
    public async Task What_is_no_tar_is_refused()
    {
        var noise = new MemoryStream(Encoding.ASCII.GetBytes(new string('?', 2000)));
        Assert.Equal(
            "TEAL1404",
            (await Assert.ThrowsAsync<VersionStoreException>(() => _store.TakeAsync("shop", "1", noise, default))).Code
        );
        var whole = Tar(Regular("a", new string('x', 5000))).ToArray();
        var half = new MemoryStream(whole[..3000]);
        Assert.Equal(
            "TEAL1404",
            (await Assert.ThrowsAsync<VersionStoreException>(() => _store.TakeAsync("shop", "1", half, default))).Code
        );
        NothingIsBeingTaken();
    }

    [Fact]
    public async Task A_socket_in_the_folder_is_named_before_anything_is_sent()
    {
        var folder = Sample();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "s")));
        Assert.Equal("TEAL1403", Assert.Throws<VersionStoreException>(() => FolderFingerprint.Of(folder)).Code);
        await Assert.ThrowsAsync<VersionStoreException>(() => FolderTar.WriteAsync(folder, Stream.Null));
    }

    [Fact]
    public async Task What_a_killed_server_left_half_done_is_gone_after_the_next_start()
    {
        var stored = await Take(Sample(), "1.0");
        Directory.CreateDirectory(Path.Combine(StoreRoot, ".taking/7/deep"));
        File.WriteAllText(Path.Combine(StoreRoot, ".taking/7/deep/file"), "half");
        // Killed between the record and the rename.
        File.Copy(Path.Combine(StoreRoot, "shop/.records/1.0.json"), Path.Combine(StoreRoot, "shop/.records/2.0.json"));
        var again = VersionStore.Open(StoreRoot, new VersionLimits());
        NothingIsBeingTaken();
        Assert.Null(again.Find("shop", "2.0"));
        Assert.Equal(stored with { Already = true }, Assert.Single(again.List("shop")));
        Assert.Single(Directory.GetFiles(Path.Combine(StoreRoot, "shop/.records")));
    }

    [Fact]
    public async Task Pruning_removes_the_oldest_and_never_what_is_in_use()
    {
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            await _store.TakeAsync("shop", name, Tar(Regular("app", name)), default);
        }
        var gone = _store.Prune("shop", new HashSet<string> { "a", "c" }, most: 3);
        Assert.Equal(["b", "d"], gone.Select(version => version.Version));
        Assert.Equal(["e", "c", "a"], _store.List("shop").Select(version => version.Version));
        Assert.Equal(["e"], _store.Prune("shop", new HashSet<string> { "a", "c" }, most: 0).Select(version => version.Version));
        Assert.False(_store.Remove("shop", "b"));
    }

    [Fact]
    public async Task Two_uploads_of_one_version_at_once_end_in_one_version()
    {
        var folder = Sample();
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Take(folder, "1.0"))));
        Assert.Equal(1, taken.Count(version => !version.Already));
        Assert.Single(taken.Select(version => version.Fingerprint).Distinct());
        NothingIsBeingTaken();
    }

    private DirectoryInfo Sample()
    {
        var folder = _root.CreateSubdirectory("source");
        folder.CreateSubdirectory("wwwroot/deep");
        File.WriteAllText(Path.Combine(folder.FullName, "wwwroot/deep/ü.txt"), "hello");
        File.WriteAllText(Path.Combine(folder.FullName, "app"), "#!/bin/sh");
        File.SetUnixFileMode(
            Path.Combine(folder.FullName, "app"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "current"), "app");
        return folder;
    }

    private async Task<StoredVersion> Take(DirectoryInfo folder, string? version)
    {
        using var tar = new MemoryStream();
        await FolderTar.WriteAsync(folder, tar);
        tar.Position = 0;
        return await _store.TakeAsync("shop", version, tar, default);
    }

    private async Task Refused(string code, params TarEntry[] entries)
    {
        var refusal = await Assert.ThrowsAsync<VersionStoreException>(() => _store.TakeAsync("shop", "1", Tar(entries), default));
        Assert.Equal(code, refusal.Code);
        Assert.Empty(_store.List("shop"));
        NothingIsBeingTaken();
    }

    private void NothingIsBeingTaken()
    {
        var taking = Path.Combine(StoreRoot, ".taking");
        Assert.True(!Directory.Exists(taking) || !Directory.EnumerateFileSystemEntries(taking).Any());
    }

    private static PaxTarEntry Regular(string path, string content) =>
        new(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };

    private static PaxTarEntry Link(string path, string target) => new(TarEntryType.SymbolicLink, path) { LinkName = target };

    private static MemoryStream Tar(params TarEntry[] entries)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }
        tar.Position = 0;
        return tar;
    }
}
