using System.Reflection;
using Teal.Flags;

namespace Teal.Client;

/// <summary>How an application reaches its flags. Only <see cref="Address"/> and <see cref="Key"/> are needed.</summary>
public sealed class TealClientOptions
{
    /// <summary>Where the server serves flags (<c>teal server run --flags</c>): <c>http://127.0.0.1:8016</c>, or https behind your proxy.</summary>
    public Uri? Address { get; set; }

    /// <summary>A key of the role sdk: <c>teal token create NAME --role sdk --environment NAME</c>. Never logged.</summary>
    public string? Key { get; set; }

    /// <summary>
    /// The environment that the key has to be of; what comes from another, off the stream or the disk, is refused. Null: any.
    /// </summary>
    public string? Environment { get; set; }

    /// <summary>What people see this application as when a kill switch waits for it. At most 60 characters.</summary>
    public string Name { get; set; } = $"{Assembly.GetEntryAssembly()?.GetName().Name ?? "app"}@{System.Environment.MachineName}";

    /// <summary>
    /// Where the last good flags are kept for a start while the server is away; a file of this process's own. Null: nothing is kept.
    /// </summary>
    public string? CacheFile { get; set; }

    /// <summary>For whom flags are evaluated when a call names nobody.</summary>
    public EvaluationContext DefaultContext { get; set; } = EvaluationContext.Empty;

    /// <summary>How long a host's start waits for flags before it goes on without them.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>False: nothing is told about who was given what.</summary>
    public bool IsReporting { get; set; } = true;

    /// <summary>Between two batches of reports.</summary>
    public TimeSpan ReportEvery { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Exposures and outcomes that wait to be sent; what comes beyond is dropped and counted.</summary>
    public int MostReportsWaiting { get; set; } = 10_000;

    /// <summary>How the server is reached: another handler for a unix socket, a proxy, a test. It belongs to the caller.</summary>
    public HttpMessageHandler? Handler { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Of the jitter, so that a test can repeat it. Null: another each time.</summary>
    public int? Seed { get; set; }

    /// <exception cref="ArgumentException">TEAL9450: the first option that cannot be, and why. The key is never repeated.</exception>
    internal void Check()
    {
        Require(
            Address is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" },
            "Address is the server's --flags address, like http://127.0.0.1:8016."
        );
        Require(
            Key is { Length: > 0 and <= 200 } && Key.All(IsOfKeys),
            "Key is what `teal token create NAME --role sdk --environment NAME` printed."
        );
        Require(Name.Trim().Length > 0, "Name says which application this is.");
        Require(StartTimeout >= TimeSpan.Zero && StartTimeout <= TimeSpan.FromMinutes(10), "StartTimeout is at most 10 minutes.");
        Require(
            ReportEvery >= TimeSpan.FromMilliseconds(100) && ReportEvery <= TimeSpan.FromHours(1),
            "ReportEvery is between 100 ms and an hour."
        );
        Require(MostReportsWaiting is > 0 and <= 1_000_000, "MostReportsWaiting is between 1 and 1,000,000.");
    }

    private static bool IsOfKeys(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.' or '~';

    private static void Require(bool isGood, string what)
    {
        if (!isGood)
        {
            throw new ArgumentException($"TEAL9450: {what}");
        }
    }
}
