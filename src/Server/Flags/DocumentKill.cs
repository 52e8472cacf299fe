using System.Text.Json;
using System.Text.Json.Nodes;
using Teal.Flags;

namespace Teal.Server.Flags;

/// <summary>A flag that is switched off by hand in an environment that a flagd document serves: the document stays as it is, and is served without it.</summary>
internal static class DocumentKill
{
    /// <summary>Null when no document serves the environment, or it does not know the flag.</summary>
    public static FlagBook? Of(FlagBook book, FlagChange.EnableFlag change, long sequence)
    {
        if (!book.Documents.TryGetValue(change.Environment, out var document) || !Has(document, change.Flag))
        {
            return null;
        }
        var killed = (document.Killed ?? []).ToHashSet(StringComparer.Ordinal);
        if (!(change.IsEnabled ? killed.Remove(change.Flag) : killed.Add(change.Flag)))
        {
            return book;
        }
        var next = document with { Killed = killed.Count == 0 ? null : [.. killed.Order(StringComparer.Ordinal)], Revision = sequence };
        return book with { Documents = book.Documents.SetItem(change.Environment, next), Revision = sequence };
    }

    public static bool Has(TakenDocument document, string flag)
    {
        using var json = JsonDocument.Parse(document.Json);
        var flags = json.RootElement.GetProperty("flags");
        return flags.ValueKind == JsonValueKind.Object
            ? flags.TryGetProperty(flag, out _)
            : flags.EnumerateArray().Any(each => each.GetProperty("key").GetString() == flag);
    }

    /// <summary>The document as it is served.</summary>
    public static string Served(TakenDocument document)
    {
        if (document.Killed is not { Count: > 0 } killed)
        {
            return document.Json;
        }
        var json = JsonNode.Parse(document.Json)!;
        foreach (var key in killed)
        {
            var flag = json["flags"] is JsonArray list
                ? list.FirstOrDefault(each => each!["key"]!.GetValue<string>() == key)
                : json["flags"]![key];
            flag?["state"] = "DISABLED";
        }
        return json.ToJsonString();
    }
}
