using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Teal.Tests.Fast.Tidy;

/// <summary>Who may lean on whom. A new project gets its line here, and the line is the decision.</summary>
public sealed partial class ArrowTests
{
    private static readonly Dictionary<string, (string[] Rooms, string[] Packages)> _allowed = new(StringComparer.Ordinal)
    {
        ["Flags"] = ([], []),
        ["Analysis"] = ([], []),
        ["Releases"] = (["Flags", "Analysis"], ["YamlDotNet"]),
        ["Traffic"] = (["Flags", "Analysis"], ["Microsoft.AspNetCore.App", "Yarp.ReverseProxy"]),
        ["Wire"] = ([], []),
        ["Client"] = (
            ["Flags", "Wire"],
            [
                "Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions",
                "Microsoft.Extensions.Hosting.Abstractions",
                "Microsoft.FeatureManagement",
            ]
        ),
        ["Server"] = (
            ["Flags", "Analysis", "Releases", "Traffic", "Wire"],
            ["Grpc.AspNetCore", "Microsoft.AspNetCore.App", "Microsoft.AspNetCore.OpenApi", "Microsoft.Data.Sqlite"]
        ),
        ["Cli"] = (
            ["Flags", "Analysis", "Releases", "Traffic", "Wire", "Server"],
            ["Microsoft.AspNetCore.App", "Spectre.Console", "System.CommandLine"]
        ),
    };

    public static TheoryData<string> Rooms =>
        [.. Directory.EnumerateDirectories(Path.Combine(House.Root, "src")).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_project_leans_only_on_what_its_line_allows(string room)
    {
        Assert.True(_allowed.ContainsKey(room), $"src/{room} has no line in {nameof(ArrowTests)}.");
        var project = XDocument.Parse(House.Read($"src/{room}/{room}.csproj"));
        var rooms = Included(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)!);
        var packages = Included(project, "PackageReference").Concat(Included(project, "FrameworkReference"));
        Assert.Empty(rooms.Except(_allowed[room].Rooms));
        Assert.Empty(packages.Except(_allowed[room].Packages));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Code_names_only_the_rooms_that_its_project_may_lean_on(string room)
    {
        string[] allowed = [room, .. _allowed[room].Rooms];
        var strays = House
            .CSharp($"src/{room}")
            .SelectMany(file => TealName().Matches(House.Code(file)).Select(match => (File: file, Room: match.Groups[1].Value)))
            .Where(use => _allowed.ContainsKey(use.Room) && !allowed.Contains(use.Room));
        Assert.Empty(strays);
    }

    [Fact]
    public void Every_project_stands_in_the_solution_and_has_its_lock_file()
    {
        var projects = House.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).ToList();
        var solution = XDocument
            .Parse(House.Read("Teal.slnx"))
            .Descendants("Project")
            .Select(project => (string)project.Attribute("Path")!);
        Assert.NotEmpty(projects);
        Assert.Equal(projects, solution.Order(StringComparer.Ordinal));
        Assert.All(projects, project => Assert.Contains(Path.GetDirectoryName(project) + "/packages.lock.json", House.Files));
    }

    private static IEnumerable<string> Included(XDocument project, string element) =>
        project.Descendants(element).Select(reference => (string)reference.Attribute("Include")!);

    [GeneratedRegex(@"\bTeal\.([A-Z]\w*)")]
    private static partial Regex TealName();
}
