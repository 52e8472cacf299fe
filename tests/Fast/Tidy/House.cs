using System.Text.RegularExpressions;

namespace Teal.Tests.Fast.Tidy;

/// <summary>The repository as it lies on the disk. The tidy tests are the only fast tests that read it: it is their subject.</summary>
internal static partial class House
{
    private static readonly string[] _skipped = [".git", ".teal", ".vs", ".idea", "artifacts", "bin", "obj", "node_modules"];

    private static readonly string[] _binary = [".png", ".ico", ".woff2", ".gz", ".db"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every text file, as a path relative to the root with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [
        .. Walk(Root)
            .Where(path => !_binary.Contains(Path.GetExtension(path)))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    public static IEnumerable<string> CSharp(string under) =>
        Files.Where(file => file.StartsWith(under + '/', StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>What the compiler reads: without comments and the insides of strings, lines kept.</summary>
    public static string Code(string file) =>
        CommentOrString().Replace(Read(file), match => match.Value[0] == '/' ? Lines(match.Value) : $"\"{Lines(match.Value)}\"");

    private static string Lines(string text) => new('\n', text.Count(character => character == '\n'));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Teal.slnx")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException($"No Teal.slnx above {AppContext.BaseDirectory}.");
    }

    private static IEnumerable<string> Walk(string folder) =>
        Directory
            .EnumerateFiles(folder)
            // In a second work tree .git is a file.
            .Where(file => !_skipped.Contains(Path.GetFileName(file)))
            .Concat(Directory.EnumerateDirectories(folder).Where(sub => !_skipped.Contains(Path.GetFileName(sub))).SelectMany(Walk));

    [GeneratedRegex(
        """//[^\n]*|/\*.*?\*/|\$*"{3,}.*?"{3,}|\$?@\$?"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""",
        RegexOptions.Singleline
    )]
    private static partial Regex CommentOrString();
}
