using System.Text;
using CsCheck;
using Teal.Releases;

namespace Teal.Tests.Fast.Flags.Files;

public sealed class FlagFileErrorTests
{
    private static readonly string[] Pieces =
    [
        "{",
        "}",
        "[",
        "]",
        ": ",
        ",",
        "- ",
        "\n  ",
        "\"",
        "~",
        "5%",
        "rest",
        "&a ",
        "*a",
        "off",
        "9",
    ];

    private static readonly Gen<(int Kind, int At, int Length, int Piece)> Edit = Gen.Select(
        Gen.Int[0, 2],
        Gen.Int[0, 2000],
        Gen.Int[1, 12],
        Gen.Int[0, Pieces.Length - 1]
    );

    [Theory]
    [InlineData("flgas: {}", "1:1 TEAL2005 flags", "1:1 TEAL2007 ")]
    [InlineData("[]", "1:1 TEAL2008 ", "1:1 TEAL2007 ")]
    [InlineData("", "1:1 TEAL2007 ")]
    [InlineData("flags:\n  a: { owner: x }\n  a: { owner: x }", "3:3 TEAL2004 ")]
    [InlineData("flags:\n  a: { ownr: x }", "2:8 TEAL2005 owner", "2:6 TEAL2007 ")]
    [InlineData("flags:\n  a: { owner: [x] }", "2:15 TEAL2008 ")]
    [InlineData("flags:\n  a: { owner: x, kind: relaese }", "2:24 TEAL2009 release")]
    [InlineData("flags:\n  a: { owner: x, enabled: yes }", "2:27 TEAL2008 ")]
    [InlineData("flags:\n  a: { owner: x, expires: 31.1.2027 }", "2:27 TEAL2008 ")]
    [InlineData("flags:\n  a: { owner: x, rollout: 5 }", "2:27 TEAL2008 ")]
    [InlineData("flags:\n  a: { owner: x, rollout: { on: 5%, off: 5 } }", "2:42 TEAL2008 ")]
    [InlineData("flags:\n  a: { owner: x, rollout: { on: rest, off: rest } }", "2:44 TEAL9208 ")]
    [InlineData("flags:\n  a: { owner: x, serve: on, rollout: 5% }", "2:29 TEAL2011 ")]
    [InlineData("flags:\n  a: { owner: x, serve: on, by: account }", "2:29 TEAL2011 ")]
    [InlineData("flags:\n  a: { owner: x, cohort: like b }", "2:26 TEAL2009 ")]
    [InlineData("flags:\n  a: { owner: x, links: [shop] }", "2:26 TEAL2009 ")]
    [InlineData("flags:\n  a: { owner: x, variants: { on: [1], off: 1e999 } }", "2:34 TEAL2008 ", "2:44 TEAL2008 ")]
    [InlineData("flags:\n  a: { owner: x, variants: { red: r, blue: b } }", "2:6 TEAL2007 ")]
    [InlineData("flags:\n  a: { owner: x, rules: [{ name: r, if: { p: { inn: [x] } }, serve: on }] }", "2:48 TEAL2005 in")]
    [InlineData("flags:\n  a: { owner: x, rules: [{ name: r, if: {}, serve: on }] }", "2:41 TEAL2008 ")]
    [InlineData("flags:\n  a: { owner: x, rules: [{ name: r, if: { p: 1 } }] }", "2:26 TEAL2007 ")]
    [InlineData("flags:\n  a: { owner: x, schedule: [{ at: 9am, zone: UTC, enabled: true }] }", "2:35 TEAL2008 ")]
    [InlineData("segments:\n  s: { user: [u] }\nflags: {}", "2:8 TEAL2005 users")]
    [InlineData("holdouts:\n  h: {}\nflags: {}", "2:6 TEAL2007 ")]
    public void What_cannot_be_read_is_refused_at_its_place(string yaml, params string[] wanted) =>
        Assert.Equal(wanted.Order(StringComparer.Ordinal), Said(yaml));

    [Theory]
    [InlineData("environments: [staging, staging]\nflags: {}", "1:15 TEAL9211 ")]
    [InlineData("flags:\n  a: { owner: '' }", "2:15 TEAL9213 ")]
    [InlineData("flags:\n  a-: { owner: x }", "2:3 TEAL9201 ")]
    [InlineData("flags:\n  a: { owner: x, serve: onn }", "2:25 TEAL9202 on")]
    [InlineData("flags:\n  a: { owner: x, off: onn }", "2:23 TEAL9202 on", "2:3 TEAL9202 on")]
    [InlineData("flags:\n  a: { owner: x, holdout: q }", "2:27 TEAL9206 ")]
    [InlineData("flags:\n  a: { owner: x, variants: { on: true, off: no } }", "2:40 TEAL9207 ")]
    [InlineData("flags:\n  a: { owner: x, rollout: { off: 5%, on: rest } }", "2:27 TEAL9208 ")]
    [InlineData("flags:\n  a: { owner: x, requires: { b: on } }", "2:30 TEAL9204 a")]
    [InlineData("flags:\n  a: { owner: x, requires: { a: on } }", "2:28 TEAL9209 ")]
    [InlineData("flags:\n  a:\n    owner: x\n    environments:\n      stagin: { serve: on }", "5:7 TEAL9205 ")]
    [InlineData("flags:\n  a: { owner: x, rules: [{ name: r, if: { segment: s }, serve: on }] }", "2:41 TEAL9203 ")]
    [InlineData("flags:\n  a: { owner: x, rules: [{ name: r, if: { q: 1, p: { less: x } }, serve: on }] }", "2:60 TEAL9212 ")]
    [InlineData("flags:\n  a: { owner: x, schedule: [{ at: 2026-12-01T09:00, zone: X/Y, enabled: true }] }", "2:29 TEAL9214 ")]
    public void What_makes_no_good_flags_is_refused_at_its_place(string yaml, params string[] wanted) =>
        Assert.Equal(wanted.Order(StringComparer.Ordinal), Said(yaml));

    [Fact]
    public void What_is_wrong_in_an_environment_is_said_where_it_is_written_and_once()
    {
        const string File = """
            environments: [dev, staging, production]
            flags:
              a:
                owner: x
                rules:
                  - { name: r, if: { segment: nobody }, serve: on }
                environments:
                  staging:
                    rules:
                      - { name: r, if: { segment: noone }, serve: on }
            """;
        Assert.Equal(["10:28 TEAL9203 ", "6:24 TEAL9203 "], Said(File));
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused()
    {
        Assert.Equal(["1:1 TEAL2002 "], Said(new string(' ', 4 * 1024 * 1024 + 1)));
        var many = $"flags: {{}}\nsegments: {{ s: {{ users: [{string.Join(",", Enumerable.Repeat("u", 200_001))}] }} }}";
        Assert.Equal("TEAL2002", Assert.Single(FlagsReader.Read(many, "flags.yaml").Errors).Code);
    }

    [Fact]
    public void An_error_names_the_file_the_line_and_what_was_meant() =>
        Assert.Equal(
            "conf/flags.yaml:2:25: there is no variant of 'a' called 'onn' (did you mean 'on'?)",
            Assert.Single(FlagsReader.Read("flags:\n  a: { owner: x, serve: onn }", "conf/flags.yaml").Errors).ToString()
        );

    [Fact]
    public void A_damaged_file_loads_or_is_refused_with_a_place_and_never_throws() =>
        Edit.List[1, 5]
            .Sample(
                edits =>
                {
                    var result = FlagsReader.Read(edits.Aggregate(FlagFileTests.Example, Damage), "flags.yaml");
                    return result.IsGood == (result.Errors.Count == 0)
                        && result.Errors.All(error => error is { Line: >= 1, Column: >= 1 } && ErrorCatalogue.Find(error.Code) is not null);
                },
                iter: 2_000
            );

    private static IEnumerable<string> Said(string yaml)
    {
        var result = FlagsReader.Read(yaml, "flags.yaml");
        Assert.Null(result.Set);
        return result.Errors.Select(error => $"{error.Line}:{error.Column} {error.Code} {error.Suggestion}").Order(StringComparer.Ordinal);
    }

    private static string Damage(string text, (int Kind, int At, int Length, int Piece) edit)
    {
        var at = edit.At % (text.Length + 1);
        var length = Math.Min(edit.Length, text.Length - at);
        var damaged = new StringBuilder(text);
        return edit.Kind switch
        {
            0 => damaged.Insert(at, Pieces[edit.Piece]).ToString(),
            1 => damaged.Remove(at, length).ToString(),
            _ => damaged.Insert(at, text.AsSpan(at, length)).ToString(),
        };
    }
}
