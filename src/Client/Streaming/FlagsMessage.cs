using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Teal.Flags;
using Teal.Wire;

namespace Teal.Client;

/// <summary>What a message of the stream was read into.</summary>
/// <param name="Json">The document, to be kept.</param>
internal sealed record ReadFlags(ServedFlags Served, long Connection, byte[] Json);

/// <summary>Reads <see cref="ClientFlagsMessage"/>: whole or not at all. A member that a later server adds is passed over.</summary>
internal static class FlagsMessage
{
    private const int Version = 1;

    private static readonly JsonTypeInfo<ClientFlagsMessage> Form =
        (JsonTypeInfo<ClientFlagsMessage>)
            new JsonSerializerOptions(WireJson.Default.Options)
            {
                UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
                // The document's own reader says what it refuses, and where.
                AllowDuplicateProperties = true,
                MaxDepth = 128,
            }.GetTypeInfo(typeof(ClientFlagsMessage));

    public static bool TryRead(ReadOnlySpan<byte> data, [NotNullWhen(true)] out ReadFlags? flags, [NotNullWhen(false)] out string? fault)
    {
        (flags, fault) = (null, null);
        try
        {
            var message = JsonSerializer.Deserialize(data, Form);
            if (message is not { Version: Version, Connection: > 0, Revision: >= 0, Environment.Length: > 0 and <= 100 })
            {
                fault = "TEAL9452: the server's message is none that this client knows; a newer client may be needed.";
                return false;
            }
            var json = JsonMarshal.GetRawUtf8Value(message.Document).ToArray();
            if (!FlagDocument.TryRead(json, DocumentLimits.Usual, out var document, out var refused))
            {
                fault = $"TEAL9453: revision {message.Revision} of {message.Environment} is refused: {refused}";
                return false;
            }
            flags = new ReadFlags(
                new ServedFlags(message.Environment, message.Revision, document, ServedFlags.TagOf(json)),
                message.Connection,
                json
            );
            return true;
        }
        catch (JsonException e)
        {
            fault = $"TEAL9452: the server's message is not JSON that this client knows: {e.Message}";
            return false;
        }
    }
}
