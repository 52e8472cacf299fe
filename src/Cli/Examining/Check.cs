using Teal.Cli.Showing;

namespace Teal.Cli.Examining;

/// <summary>One finding of the doctor.</summary>
internal static class Check
{
    public static CheckView Ok(string name, string found) => new(name, "ok", found, null);

    public static CheckView Warn(string name, string found, string toDo) => new(name, "warn", found, toDo);

    public static CheckView Fail(string name, string found, string toDo) => new(name, "fail", found, toDo);
}
