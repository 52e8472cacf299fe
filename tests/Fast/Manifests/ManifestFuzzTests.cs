using System.Text;
using CsCheck;
using Teal.Releases;

namespace Teal.Tests.Fast.Manifests;

public sealed class ManifestFuzzTests
{
    private static readonly string[] Pieces =
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        ",",
        "- ",
        "\n",
        "\n  ",
        "\t",
        "\"",
        "'",
        "#",
        "&a ",
        "*a",
        "!!str ",
        "!",
        "|",
        ">",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "<<: ",
        "? ",
        "\0",
        "\u001b",
        "\uFEFF",
        "\u2028",
        "\ud800",
        "😀",
        "5%",
        "1s",
        "NO",
        "~",
        "null",
        "\\u0000",
        "\"\\ud800\"",
        "\"\\UFFFFFFFF\"",
        "0x1F",
        "1e400",
        "../",
        "@",
        "`",
        "environments: { a: { run: 1 } }\n",
        "segment:x",
        "\r",
        "\r\n",
        "%TAG ! tag:x\n",
    ];

    private static readonly Gen<(int Kind, int At, int Length, int Piece)> Edit = Gen.Select(
        Gen.Int[0, 3],
        Gen.Int[0, 2000],
        Gen.Int[1, 12],
        Gen.Int[0, Pieces.Length - 1]
    );

    [Fact]
    public void A_damaged_manifest_loads_or_is_refused_with_a_place_and_never_throws() =>
        Edit.List[1, 6]
            .Sample(
                edits =>
                {
                    var text = edits.Aggregate(Sample.Whole, Damage);
                    var result = ManifestReader.Read(text, "teal.yaml", null);
                    return result.Manifest is not null == (result.Errors.Count == 0)
                        && result.Errors.All(error => error is { Line: >= 1, Column: >= 1 } && ErrorCatalogue.Find(error.Code) is not null);
                },
                iter: 4000
            );

    private static string Damage(string text, (int Kind, int At, int Length, int Piece) edit)
    {
        var at = edit.At % (text.Length + 1);
        var length = Math.Min(edit.Length, text.Length - at);
        var damaged = new StringBuilder(text);
        return edit.Kind switch
        {
            0 => damaged.Insert(at, Pieces[edit.Piece]).ToString(),
            1 => damaged.Remove(at, length).ToString(),
            2 => damaged.Remove(at, length).Insert(at, Pieces[edit.Piece]).ToString(),
            _ => damaged.Insert(at, text.AsSpan(at, length)).ToString(),
        };
    }
}
