using System.Globalization;
using Teal.Releases;
using Teal.Traffic;

namespace Teal.Server.Processes;

/// <summary>Where <c>env:</c> and <c>file:</c> references are read; null: not there.</summary>
public sealed record SecretSources(Func<string, string?> Variable, Func<string, string?> File)
{
    /// <summary>What a reference leads to; a text that is none is itself.</summary>
    /// <param name="folder">Where a relative path begins.</param>
    public string? Read(string written, string folder)
    {
        if (!IsReference(written))
        {
            return written;
        }
        return written.StartsWith("env:", StringComparison.Ordinal)
            ? Variable(written["env:".Length..])
            : File(Path.GetFullPath(written["file:".Length..], folder));
    }

    public static bool IsReference(string written) =>
        written.StartsWith("env:", StringComparison.Ordinal) || written.StartsWith("file:", StringComparison.Ordinal);
}

/// <summary>
/// The environment of an instance, whole: little of the server's own, what the manifest names, and Teal's marks. References are
/// resolved at each start and not kept.
/// </summary>
public static class InstanceEnvironment
{
    /// <summary>What an app gets of the server's own environment.</summary>
    private static readonly string[] Inherited =
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "TMPDIR",
        "DOTNET_ROOT",
        "DOTNET_ROOT_X64",
        "DOTNET_ROOT_ARM64",
        "DOTNET_CLI_HOME",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT",
        "JAVA_HOME",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "XDG_RUNTIME_DIR",
    ];

    /// <summary>The inherited part and the manifest's. A failure names the variable, never a value.</summary>
    public static Failure? Resolve(SlotOrder order, SecretSources sources, out Dictionary<string, string> variables)
    {
        variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Inherited)
        {
            if (sources.Variable(name) is { } value)
            {
                variables[name] = value;
            }
        }
        foreach (var (name, written) in order.Manifest.Run.Env)
        {
            var value = sources.Read(written, order.Folder);
            if (value is null || value.Contains('\0', StringComparison.Ordinal))
            {
                return Missing(order, name, written, value is null ? "is not there" : "holds a NUL byte");
            }
            variables[name] = value;
        }
        return null;
    }

    /// <summary>What marks an instance as ours and tells it where to listen; wins over the manifest.</summary>
    /// <param name="shared">A folder that all instances of the service share, whatever their version: for key rings and the like.</param>
    public static void Mark(Dictionary<string, string> variables, SlotOrder order, string owner, string instance, string shared)
    {
        variables["TEAL_SERVICE"] = order.Service;
        variables["TEAL_VERSION"] = order.Version;
        variables["TEAL_SLOT"] = order.SlotWord;
        variables["TEAL_INSTANCE"] = instance;
        variables["TEAL_OWNER"] = owner;
        variables["TEAL_SHARED"] = shared;
        if (order.Signer is { } signer)
        {
            variables[FlagSigner.Variable] = signer.Words;
        }
    }

    public static void GivePort(Dictionary<string, string> variables, int port)
    {
        variables["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        variables["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>The text without the values that the manifest names by reference: evidence is journaled, secrets are not.</summary>
    public static string Masked(string text, SlotOrder order, SecretSources sources)
    {
        var secrets = order
            .Manifest.Run.Env.Values.Where(SecretSources.IsReference)
            .Select(written => sources.Read(written, order.Folder) ?? "")
            // Line by line, as a log shows it. Shorter ones (a port, a flag) stand in every text and hide nothing.
            .Concat(order.Signer?.Words.Split(' ', ':') ?? [])
            .SelectMany(secret => secret.Split('\n', StringSplitOptions.TrimEntries))
            .Where(line => line.Length >= 6);
        foreach (var secret in secrets)
        {
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        }
        return text;
    }

    private static Failure Missing(SlotOrder order, string name, string written, string why) =>
        new(
            "TEAL5002",
            $"{order.Words} could not be started",
            $"run.env.{name} is {(SecretSources.IsReference(written) ? written : "set")}, which {why}"
        );
}
