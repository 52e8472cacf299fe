using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Teal.Releases;
using Teal.Server.Journal;

namespace Teal.Server.Versions;

/// <summary>A version as it lies in the store.</summary>
/// <param name="Folder">Its content; nothing in it changes any more.</param>
/// <param name="Number">Counts what was ever taken of the service: a higher one is newer.</param>
/// <param name="Already">The same content was there before under the same name: nothing was done.</param>
public sealed record StoredVersion(
    string Service,
    string Version,
    VersionFingerprint Fingerprint,
    string Folder,
    long Number,
    bool Already
);

/// <summary>
/// The versions that can be run: <c>versions/SERVICE/VERSION/</c> is the content, exactly, and <c>versions/SERVICE/.records/VERSION.json</c>
/// says what it is. Content is unpacked beside, flushed and renamed; the record comes just before, so that a folder is a version
/// only with both, and what a crash left half-done is removed at the next open.
/// </summary>
public sealed class VersionStore
{
    private const string Taking = ".taking";
    private const string Records = ".records";

    private readonly Lock _commit = new();
    private readonly string _root;
    private readonly VersionLimits _limits;
    private long _takings;

    private VersionStore(string root, VersionLimits limits) => (_root, _limits) = (root, limits);

    /// <summary>One store a folder: call it when the server holds its home's lock.</summary>
    public static VersionStore Open(string root, VersionLimits limits)
    {
        var store = new VersionStore(Path.GetFullPath(root), limits);
        Directory.CreateDirectory(store._root);
        store.RemoveHalfDone();
        return store;
    }

    /// <summary>Takes a version in. Without a name it is the first 12 digits of the content's hash.</summary>
    /// <exception cref="VersionStoreException">
    /// TEAL1401 a name is not allowed · TEAL1402 the name is taken by other content · TEAL1403 a path is refused · TEAL1404 not a tar
    /// stream · TEAL1405 too large · TEAL1406 the disk failed or is full. Nothing of it is left behind.
    /// </exception>
    public async Task<StoredVersion> TakeAsync(string service, string? version, Stream tar, CancellationToken cancellation)
    {
        RefuseNames(service, version);
        var number = Interlocked.Increment(ref _takings).ToString(CultureInfo.InvariantCulture);
        var folder = Path.Combine(_root, Taking, number);
        try
        {
            Directory.CreateDirectory(folder);
            var fingerprint = await new VersionTaking(folder, _limits).UnpackAsync(tar, cancellation);
            if (fingerprint.Files == 0)
            {
                throw new VersionStoreException("TEAL1407", "The folder is empty: there is nothing to run in it.");
            }
            Durable.FlushFileSystem(folder);
            return Commit(service, version ?? fingerprint.DefaultName, fingerprint, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VersionStoreException("TEAL1406", $"The version could not be stored in {_root}: {e.Message}", inner: e);
        }
        finally
        {
            RemoveFolder(folder);
        }
    }

    /// <summary>Null when there is no such version, or the name could never be one.</summary>
    public StoredVersion? Find(string service, string version)
    {
        if (!Names.IsService(service) || !Names.IsVersion(version))
        {
            return null;
        }
        var folder = FolderOf(service, version);
        return Directory.Exists(folder) && ReadRecord(RecordOf(service, version)) is { } record
            ? new StoredVersion(service, version, record.Fingerprint, folder, record.Number, Already: true)
            : null;
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<StoredVersion> List(string service)
    {
        var records = Path.Combine(_root, service, Records);
        if (!Names.IsService(service) || !Directory.Exists(records))
        {
            return [];
        }
        return
        [
            .. Directory
                .EnumerateFiles(records, "*.json")
                .Select(file => Find(service, Path.GetFileNameWithoutExtension(file)))
                .OfType<StoredVersion>()
                .OrderByDescending(stored => stored.Number),
        ];
    }

    /// <summary>False when it was not there. The caller knows that nothing runs from it.</summary>
    public bool Remove(string service, string version)
    {
        lock (_commit)
        {
            if (Find(service, version) is not { } stored)
            {
                return false;
            }
            var going = Path.Combine(_root, Taking, Interlocked.Increment(ref _takings).ToString(CultureInfo.InvariantCulture));
            Directory.CreateDirectory(Path.GetDirectoryName(going)!);
            // In one step: nobody ever finds half of a version.
            Directory.Move(stored.Folder, going);
            File.Delete(RecordOf(service, version));
            RemoveFolder(going);
            return true;
        }
    }

    /// <summary>Removes the oldest versions until <paramref name="most"/> are left; those in <paramref name="keep"/> stay and count.</summary>
    public IReadOnlyList<StoredVersion> Prune(string service, IReadOnlySet<string> keep, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        var stored = List(service);
        var surplus = Math.Max(0, stored.Count - most);
        var going = stored.Reverse().Where(version => !keep.Contains(version.Version)).Take(surplus).ToList();
        return [.. going.Where(version => Remove(service, version.Version))];
    }

    private static void RefuseNames(string service, string? version)
    {
        if (!Names.IsService(service))
        {
            throw new VersionStoreException("TEAL1401", $"A service's name is: {Names.ServiceWords}.");
        }
        if (version is not null && !Names.IsVersion(version))
        {
            throw new VersionStoreException("TEAL1401", $"A version's name is: {Names.VersionWords}.");
        }
    }

    private StoredVersion Commit(string service, string version, VersionFingerprint fingerprint, string folder)
    {
        lock (_commit)
        {
            if (Find(service, version) is { } known)
            {
                return known.Fingerprint.Hash == fingerprint.Hash ? known : throw Taken(known, fingerprint);
            }
            var number = (List(service) is [var newest, ..] ? newest.Number : 0) + 1;
            Directory.CreateDirectory(Path.Combine(_root, service, Records));
            Durable.WriteFile(
                RecordOf(service, version),
                JsonSerializer.SerializeToUtf8Bytes(new VersionRecord(fingerprint, number), VersionJson.Default.VersionRecord)
            );
            Directory.Move(folder, FolderOf(service, version));
            Durable.FlushFolder(Path.Combine(_root, service));
            return new StoredVersion(service, version, fingerprint, FolderOf(service, version), number, Already: false);
        }
    }

    private static VersionStoreException Taken(StoredVersion known, VersionFingerprint sent) =>
        new(
            "TEAL1402",
            $"{known.Service} {known.Version} is in the store with other content ({known.Fingerprint.DefaultName}, this is {sent.DefaultName}). "
                + "A version never changes: give this one another name, or none.",
            isConflict: true
        );

    private void RemoveHalfDone()
    {
        RemoveFolder(Path.Combine(_root, Taking));
        foreach (
            var records in Directory.EnumerateDirectories(_root).Select(service => Path.Combine(service, Records)).Where(Directory.Exists)
        )
        {
            foreach (var record in Directory.EnumerateFiles(records))
            {
                var version = Path.GetFileNameWithoutExtension(record);
                if (!Directory.Exists(Path.Combine(Path.GetDirectoryName(records)!, version)))
                {
                    File.Delete(record);
                }
            }
        }
    }

    private static void RemoveFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static VersionRecord? ReadRecord(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), VersionJson.Default.VersionRecord) : null;
        }
        // Without a readable record it is not known what the folder holds: it is no version.
        catch (JsonException)
        {
            return null;
        }
    }

    private string FolderOf(string service, string version) => Path.Combine(_root, service, version);

    private string RecordOf(string service, string version) => Path.Combine(_root, service, Records, version + ".json");
}

internal sealed record VersionRecord(VersionFingerprint Fingerprint, long Number);

[JsonSerializable(typeof(VersionRecord))]
internal sealed partial class VersionJson : JsonSerializerContext;
