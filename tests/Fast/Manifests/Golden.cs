using System.Runtime.CompilerServices;

namespace Teal.Tests.Fast.Manifests;

/// <summary>Compares with a file of the repository; with TEAL_APPROVE=1 writes it, to be read before it is committed.</summary>
internal static class Golden
{
    public static string Root { get; } = FindRoot();

    public static void Matches(string path, string text)
    {
        var file = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("TEAL_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
        var approved = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(approved == text, $"{path} is not what the code makes; look at the difference after TEAL_APPROVE=1.\n{text}");
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = Path.GetDirectoryName(here);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Teal.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new InvalidOperationException("The repository's root was not found.");
    }
}
