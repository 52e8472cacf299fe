using Teal.Flags;

namespace Teal.Server.Flags;

/// <summary>One environment's flags as they are served: compiled once, never changed, one reference to read them by.</summary>
/// <param name="Revision">The journal's sequence at the change that made it: later is larger, over all environments.</param>
/// <param name="Document">Everything, for evaluation inside this process: the proxy, OFREP, flagd's evaluation.</param>
/// <param name="ClientJson">The document that leaves this process: without what only the server may know.</param>
/// <param name="ETag">Names the content of both documents; equal content, equal tag.</param>
public sealed record FlagSnapshot(string Environment, long Revision, FlagDocument Document, ReadOnlyMemory<byte> ClientJson, string ETag);
