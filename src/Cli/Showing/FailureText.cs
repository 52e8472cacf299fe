namespace Teal.Cli.Showing;

/// <summary>A failure for people: what, why, where, what next.</summary>
internal static class FailureText
{
    public static IEnumerable<InkedLine> Of(CliException failure)
    {
        yield return new InkedLine($"{failure.Code}  {failure.What}", Ink.Bad);
        if (failure.Why is { Length: > 0 })
        {
            yield return $"  why            {failure.Why}";
        }
        foreach (var place in failure.Places)
        {
            yield return $"  {place}";
        }
        foreach (var line in ReleaseText.Next(failure.Next))
        {
            yield return line;
        }
    }
}
