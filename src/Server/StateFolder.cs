using System.Security.Cryptography;
using System.Text;
using Teal.Server.Journal;

namespace Teal.Server;

/// <summary>
/// <c>TEAL_HOME</c>, by default <c>./.teal</c>: everything that a server remembers, for its owner alone (0700). Whoever may write in it
/// may run commands as its owner.
/// </summary>
public sealed class StateFolder
{
    public const string Variable = "TEAL_HOME";

    /// <summary><c>sun_path</c> of a unix socket's address, without its closing zero.</summary>
    public const int LongestSocketPath = 107;

    /// <summary>Below this an append may soon fail.</summary>
    public const long FewBytes = 64L << 20;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int IdBytes = 8;

    private StateFolder(string root, string homeId) => (Root, HomeId) = (root, homeId);

    /// <summary>Absolute.</summary>
    public string Root { get; }

    /// <summary>16 hex digits, drawn at the first start and kept: <c>TEAL_OWNER</c> in the environment of what this home started.</summary>
    public string HomeId { get; }

    public string Journal => JournalIn(Root);

    public string Socket => SocketIn(Root);

    public string Logs => Path.Combine(Root, "logs");

    public string Versions => Path.Combine(Root, "versions");

    /// <summary>Held by the server that runs on this home, also when its journal lies elsewhere.</summary>
    public string Lock => Path.Combine(Root, "server.lock");

    public long FreeBytes => new DriveInfo(Root).AvailableFreeSpace;

    public bool IsNearlyFull => FreeBytes < FewBytes;

    /// <summary>Where the state of this call lies: the variable's value, or <c>.teal</c> in the current folder.</summary>
    public static string Locate(string? variable, string currentFolder) =>
        Path.GetFullPath(string.IsNullOrEmpty(variable) ? ".teal" : variable, currentFolder);

    /// <summary>For a client, which opens nothing: only the socket's path, given <see cref="Locate"/>'s answer.</summary>
    public static string SocketIn(string root) => Path.Combine(root, "teal.sock");

    public static string JournalIn(string root) => Path.Combine(root, "journal.db");

    /// <summary>Creates the folder where it is missing, and refuses one that others could use.</summary>
    /// <exception cref="StateFolderException">TEAL1501 … TEAL1505.</exception>
    public static StateFolder Open(string root)
    {
        var path = Path.GetFullPath(root);
        RefuseLongSocket(path);
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
            RefuseOthers(path);
            Directory.CreateDirectory(Path.Combine(path, "logs"), OwnerOnly);
            Directory.CreateDirectory(Path.Combine(path, "versions"), OwnerOnly);
            return new StateFolder(path, HomeIdIn(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException(
                "TEAL1501",
                $"{path} cannot be used as state folder: {e.Message} Set TEAL_HOME to another one.",
                e
            );
        }
    }

    /// <exception cref="StateFolderException">TEAL1503.</exception>
    public static void RefuseLongSocket(string root)
    {
        var length = Encoding.UTF8.GetByteCount(SocketIn(root));
        if (length > LongestSocketPath)
        {
            throw new StateFolderException(
                "TEAL1503",
                $"{SocketIn(root)} is {length} bytes long; Linux takes at most {LongestSocketPath} for a unix socket. Set TEAL_HOME to a shorter path."
            );
        }
    }

    private static void RefuseOthers(string path)
    {
        if (Libc.OwnerOf(path) != Libc.UserId)
        {
            throw new StateFolderException(
                "TEAL1502",
                $"{path} belongs to user {Libc.OwnerOf(path)}, and this is user {Libc.UserId}. Run as its owner, or set TEAL_HOME to a folder of your own."
            );
        }
        var mode = File.GetUnixFileMode(path);
        if ((mode & ~OwnerOnly) != UnixFileMode.None)
        {
            throw new StateFolderException("TEAL1504", $"{path} is open to other users ({mode}). `chmod 700 {path}`");
        }
    }

    private static string HomeIdIn(string root)
    {
        var path = Path.Combine(root, "home.id");
        if (!File.Exists(path))
        {
            Durable.WriteFile(path, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)) + "\n"));
        }
        var id = File.ReadAllText(path).Trim();
        return id.Length == IdBytes * 2 && id.All(char.IsAsciiHexDigitLower)
            ? id
            : throw new StateFolderException(
                "TEAL1505",
                $"{path} is damaged. Instances that this home started are known by it: stop them, remove the file, start again."
            );
    }
}

/// <param name="code">Stable, <c>TEAL1501</c>.</param>
public sealed class StateFolderException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}
