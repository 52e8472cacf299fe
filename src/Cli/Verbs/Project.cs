using System.Globalization;

namespace Teal.Cli.Verbs;

/// <summary>A cheap guess at what a folder holds, good enough for the first draft of a manifest.</summary>
/// <param name="Kind">For the message: <c>an ASP.NET application</c>.</param>
internal sealed record Project(string Name, string Kind, IReadOnlyList<string> Command)
{
    private const int LongestName = 40;

    public static Project In(DirectoryInfo folder)
    {
        var name = NameOf(folder.Name);
        if (AspNet(folder) is { } dll)
        {
            return new Project(NameOf(Path.GetFileNameWithoutExtension(dll)), "an ASP.NET application", ["dotnet", Quoted(dll)]);
        }
        if (First(folder, "server.js", "index.js", "app.js") is { } script)
        {
            return new Project(name, "a Node application", ["node", script]);
        }
        if (First(folder, "main.py", "app.py", "server.py") is { } module)
        {
            return new Project(name, "a Python application", ["python3", module]);
        }
        return new Project(name, "a program of yours: write its name into run.command", ["./server"]);
    }

    /// <summary>The dll that `dotnet publish` made startable.</summary>
    private static string? AspNet(DirectoryInfo folder) =>
        folder
            .EnumerateFiles("*.runtimeconfig.json")
            .Select(file => file.Name[..^".runtimeconfig.json".Length] + ".dll")
            .Where(dll => File.Exists(Path.Combine(folder.FullName, dll)))
            .Order(StringComparer.Ordinal)
            .FirstOrDefault();

    private static string? First(DirectoryInfo folder, params string[] names) =>
        names.FirstOrDefault(name => File.Exists(Path.Combine(folder.FullName, name)));

    private static string Quoted(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? name : $"\"{name}\"";

    private static string NameOf(string text)
    {
        var letters = text.ToLower(CultureInfo.InvariantCulture).Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-');
        var name = string.Concat(letters).Trim('-').TrimStart([.. "0123456789-"]);
        return name.Length == 0 ? "app" : name[..Math.Min(name.Length, LongestName)].TrimEnd('-');
    }
}
