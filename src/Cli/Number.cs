using System.CommandLine;
using System.Globalization;

namespace Teal.Cli;

/// <summary>Whole numbers from the command line, within limits.</summary>
internal static class Number
{
    public static long Of(Option<string> option, ParseResult parsed, long otherwise, long least, long most)
    {
        if (parsed.GetValue(option) is not { } text)
        {
            return otherwise;
        }
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw GlobalOptions.Wrong(option.Name, text, $"write a whole number from {least} to {most}");
    }
}
