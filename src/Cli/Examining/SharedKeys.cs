using System.Text;

namespace Teal.Cli.Examining;

/// <summary>
/// Would two versions of an ASP.NET Core app read each other's cookies? By default protected content is bound to the folder that
/// the app lies in, and each version has a folder of its own: users would be signed out, and their forms refused, as they move.
/// </summary>
internal static class SharedKeys
{
    private const long MostBytes = 64 << 20;
    private const int MostFiles = 500;

    /// <summary>Names of what protects cookies, forms and sessions, as they stand in the metadata of who calls them.</summary>
    private static readonly string[] Uses =
    [
        "AddDataProtection",
        "AddCookie",
        "AddIdentity",
        "AddSession",
        "AddAntiforgery",
        "AddRazorPages",
        "AddRazorComponents",
        "AddControllersWithViews",
        "AddMvc",
        "CreateProtector",
    ];

    private const string Shares = "SetApplicationName";

    public const string Cure =
        "in the app: AddDataProtection().SetApplicationName(\"NAME\").PersistKeysToFileSystem(new DirectoryInfo(…TEAL_SHARED…)); see docs/guide/releasing.md";

    /// <summary>Null when there is nothing to say: no ASP.NET Core app, nothing protected, or a name that all versions share.</summary>
    public static string? Warning(DirectoryInfo folder)
    {
        if (!folder.Exists || !IsAspNetCore(folder))
        {
            return null;
        }
        var used = false;
        foreach (var assembly in Own(folder))
        {
            var bytes = File.ReadAllBytes(assembly.FullName).AsSpan();
            if (Names(bytes, Shares))
            {
                return null;
            }
            foreach (var name in Uses)
            {
                used |= Names(bytes, name);
            }
        }
        return used ? "the app protects cookies or forms with keys that its next version would not accept" : null;
    }

    private static bool IsAspNetCore(DirectoryInfo folder) =>
        folder
            .EnumerateFiles("*.runtimeconfig.json")
            .Take(MostFiles)
            .Any(file =>
                file.Length <= 1 << 20 && File.ReadAllText(file.FullName).Contains("Microsoft.AspNetCore.App", StringComparison.Ordinal)
            );

    /// <summary>The app's own assemblies: the platform's name everything.</summary>
    private static IEnumerable<FileInfo> Own(DirectoryInfo folder) =>
        folder
            .EnumerateFiles("*.dll")
            .Take(MostFiles)
            .Where(file =>
                file.Length <= MostBytes
                && !file.Name.StartsWith("Microsoft.", StringComparison.Ordinal)
                && !file.Name.StartsWith("System.", StringComparison.Ordinal)
            );

    // A name in an assembly's metadata is UTF-8 between zeros.
    private static bool Names(ReadOnlySpan<byte> assembly, string name) => assembly.IndexOf(Encoding.ASCII.GetBytes($"\0{name}\0")) >= 0;
}
