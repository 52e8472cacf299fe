namespace Teal.Cli.Asking;

/// <summary>Where the server's admin API is: a unix socket, or a URL.</summary>
public sealed record ServerAddress(string? SocketPath, Uri? Url)
{
    // sockaddr_un holds 108 bytes with the closing zero.
    private const int LongestSocketPath = 107;

    public override string ToString() => SocketPath is null ? Url!.ToString() : $"unix:{SocketPath}";

    /// <summary>The first that is said: --server or TEAL_SERVER, teal.sock in TEAL_HOME, or in .teal here, as the server has it.</summary>
    /// <param name="said">Of --server or TEAL_SERVER.</param>
    /// <exception cref="CliException">It is no address.</exception>
    public static ServerAddress Find(string? said, string? home, string directory)
    {
        if (said is not null)
        {
            return Parse(said, directory);
        }
        return Socket(Path.Combine(Path.GetFullPath(home is { Length: > 0 } ? home : ".teal", directory), "teal.sock"));
    }

    public static ServerAddress Parse(string text, string directory)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            var path = text.StartsWith("unix://", StringComparison.Ordinal) ? text[7..] : text[5..];
            return path.Length > 0 && !path.Contains('\0') ? Socket(Path.GetFullPath(path, directory)) : throw Wrong(text);
        }
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
        return isUrl && url is { UserInfo: "", Query: "", Fragment: "", AbsolutePath: "/" }
            ? new ServerAddress(null, url)
            : throw Wrong(text);
    }

    private static ServerAddress Socket(string path) =>
        System.Text.Encoding.UTF8.GetByteCount(path) <= LongestSocketPath
            ? new ServerAddress(path, null)
            : throw CliException.Usage(
                "TEAL7004",
                $"The socket's path {path} is longer than {LongestSocketPath} bytes.",
                "The operating system allows no longer one.",
                "TEAL_HOME=/a/shorter/path teal server run"
            );

    private static CliException Wrong(string text) =>
        CliException.Usage(
            "TEAL7004",
            $"\"{text}\" is not the address of a server.",
            "Write unix:/path/to/teal.sock or http://127.0.0.1:9900, without user, path or query; a token comes from TEAL_TOKEN or TEAL_TOKEN_FILE.",
            "teal doctor"
        );
}
