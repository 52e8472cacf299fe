using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Teal.Server.Journal;
using Teal.Traffic;

namespace Teal.Server.Flags;

/// <summary>
/// What signed flag headers rest on: <c>flags.secret</c> in the state folder, for its owner alone, one secret of 64 hex digits a line. The
/// first line signs. Made when the first service asks for signatures.
/// </summary>
public sealed class FlagSecrets(string home)
{
    /// <summary>Two while one takes the place of the other.</summary>
    private const int MostSecrets = 2;
    private const int SecretBytes = 32;

    private readonly ConcurrentDictionary<string, FlagSigner> _signers = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private IReadOnlyList<byte[]>? _secrets;

    /// <exception cref="StateFolderException">TEAL1506.</exception>
    public FlagSigner SignerOf(string service) => _signers.GetOrAdd(service, name => FlagSigner.Of(name, Secrets()));

    private IReadOnlyList<byte[]> Secrets()
    {
        lock (_lock)
        {
            return _secrets ??= Read(Path.Combine(home, "flags.secret"));
        }
    }

    private static List<byte[]> Read(string path)
    {
        if (!File.Exists(path))
        {
            Durable.WriteFile(path, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)) + "\n"));
        }
        if (File.GetUnixFileMode(path) is var mode && (mode & ~Durable.OwnerOnly) != UnixFileMode.None)
        {
            throw new StateFolderException("TEAL1506", $"{path} is open to other users ({mode}). `chmod 600 {path}`");
        }
        var lines = File.ReadAllLines(path).Where(line => line.Length > 0).ToList();
        return
            lines.Count is > 0 and <= MostSecrets
            && lines.TrueForAll(line => line.Length == SecretBytes * 2 && line.All(char.IsAsciiHexDigit))
            ? [.. lines.Select(Convert.FromHexString)]
            : throw new StateFolderException("TEAL1506", $"{path} is not one or two lines of {SecretBytes * 2} hex digits.");
    }
}
