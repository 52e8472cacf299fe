using System.Security.Cryptography;
using System.Text;
using Teal.Flags;
using Teal.Releases;

namespace Teal.Server.Flags.Files;

/// <summary>A file's content at one moment.</summary>
/// <param name="Bytes">Null when it could not be read.</param>
/// <param name="Why">Then why; a sentence.</param>
internal sealed record FileContent(byte[]? Bytes, string? Hash, string? Why)
{
    public bool IsSame(FileContent other) => Hash == other.Hash && Why == other.Why;
}

/// <summary>What the content makes of the flags: an event, nothing because all is so already, or what is wrong with it.</summary>
internal sealed record FileReading(ServerEvent? Event, IReadOnlyList<string> Errors);

/// <summary>Reads files that flags come from: whole or not at all, every mistake with its line and column.</summary>
internal static class FlagFileReader
{
    private const int MostBytes = 32 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static FileContent Content(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MostBytes)
            {
                return new FileContent(null, null, "it is larger than 32 MiB");
            }
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return new FileContent(bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new FileContent(null, null, e is FileNotFoundException or DirectoryNotFoundException ? "it is not there" : e.Message);
        }
    }

    public static FileReading Read(FlagSource source, FileContent content, FlagBook book)
    {
        if (content.Bytes is not { } bytes)
        {
            return Wrong($"TEAL9514: {source.Name} cannot be read: {content.Why}");
        }
        string text;
        try
        {
            text = Strict.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            return Wrong($"TEAL9514: {source.Name}: byte {e.Index} is not UTF-8");
        }
        return source.Environment is { } environment ? Document(source, environment, text, book) : Set(source, text, book);
    }

    private static FileReading Set(FlagSource source, string text, FlagBook book)
    {
        var reading = FlagsReader.Read(text, source.Name);
        return reading.Set is { } set
            ? new FileReading(book.Taking(set, source.Name), [])
            : new FileReading(null, [.. reading.Errors.Select(error => $"{error} ({error.Code})")]);
    }

    private static FileReading Document(FlagSource source, string environment, string text, FlagBook book)
    {
        if (book.Documents.GetValueOrDefault(environment) is { } known && known.Json == text && known.From == source.Name)
        {
            return new FileReading(null, []);
        }
        var isGood = FlagDocument.TryRead(Encoding.UTF8.GetBytes(text), DocumentLimits.Usual, out var document, out var fault);
        fault ??= document?.Unusable is [var first, ..] ? first : null;
        return isGood && fault is null
            ? new FileReading(new FlagDocumentTaken(environment, text, source.Name), [])
            : Wrong($"{source.Name}:{fault!.Line}:{fault.Column} {fault.Path}: {fault.Message} ({fault.Code})");
    }

    private static FileReading Wrong(string error) => new(null, [error]);
}
