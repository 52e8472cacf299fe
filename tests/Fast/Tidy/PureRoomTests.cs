using System.Text.RegularExpressions;

namespace Teal.Tests.Fast.Tidy;

/// <summary>Deciding stays apart from doing: a line in a pure room that wants <c>await</c> stands in the wrong room.</summary>
public sealed partial class PureRoomTests
{
    private static readonly string[] _rooms = ["src/Flags", "src/Analysis", "src/Releases"];

    public static TheoryData<string> PureFiles =>
        [
            .. House
                .CSharp("src")
                .Where(file => _rooms.Any(room => file.StartsWith(room + '/', StringComparison.Ordinal)) || HasPureName(file)),
        ];

    [Theory]
    [MemberData(nameof(PureFiles))]
    public void A_pure_file_neither_waits_nor_logs_nor_looks_at_the_clock(string file)
    {
        var impure = House
            .Code(file)
            .Split('\n')
            .Select((line, index) => (Line: index + 1, Match: Impure().Match(line)))
            .Where(found => found.Match.Success)
            .Select(found => $"{file}:{found.Line}: {found.Match.Value}");
        Assert.Empty(impure);
    }

    [Fact]
    public void The_rule_sees_what_it_forbids_and_only_that()
    {
        Assert.Matches(Impure(), "await driver.RunAsync();");
        Assert.Matches(Impure(), "var now = DateTime.UtcNow;");
        Assert.Matches(Impure(), "public Room(ILogger<Room> log)");
        Assert.DoesNotMatch(Impure(), "DateTimeOffset now, IReadOnlyList<Guard> awaited");
    }

    /// <summary>Machine, Planner, Plan, Table, Snapshot, Verdict, Evaluation: these are pure wherever they stand.</summary>
    private static bool HasPureName(string file) => PureName().IsMatch(Path.GetFileNameWithoutExtension(file));

    [GeneratedRegex(
        @"\b(await|async|ILogger|TimeProvider|Stopwatch|Task|ValueTask|Thread|File|Directory|Socket|HttpClient|Guid\.NewGuid|Random\.Shared)\b|\bDateTime(Offset)?\.(Utc)?Now\b"
    )]
    private static partial Regex Impure();

    [GeneratedRegex("(Machine|Planner|Plan|Table|Snapshot|Verdict|Evaluation)$")]
    private static partial Regex PureName();
}
