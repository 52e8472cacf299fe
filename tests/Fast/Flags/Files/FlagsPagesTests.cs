using Teal.Releases;
using Teal.Tests.Fast.Manifests;

namespace Teal.Tests.Fast.Flags.Files;

/// <summary>Reader, schema and page of <c>flags.yaml</c> know the same keys.</summary>
public sealed class FlagsPagesTests
{
    [Fact]
    public void The_schema_is_the_committed_one() => Golden.Matches("docs/reference/flags.schema.json", FlagsSchema.Json());

    [Fact]
    public void The_reference_page_is_the_committed_one() => Golden.Matches("docs/reference/flags-yaml.md", FlagsSchema.Markdown());

    [Fact]
    public void The_schema_has_the_keys_that_the_reader_knows_and_no_others()
    {
        var known = new Dictionary<string, IReadOnlyList<string>>
        {
            ["file"] = FlagsReader.Keys,
            ["flag"] = FlagBinder.Keys,
            ["environment"] = TargetingBinder.Keys,
            ["rule"] = TargetingBinder.RuleKeys,
            ["scheduled"] = TargetingBinder.ScheduleKeys,
            ["segment"] = FlagsReader.SegmentKeys,
            ["holdout"] = FlagsReader.HoldoutKeys,
        };
        Assert.Equal(known.Keys.Order(), FlagsKeys.Sections.Select(section => section.Name).Order());
        foreach (var section in FlagsKeys.Sections)
        {
            Assert.Equal(
                known[section.Name].Order(StringComparer.Ordinal),
                section.Keys.Select(key => key.Name).Order(StringComparer.Ordinal)
            );
        }
    }
}
