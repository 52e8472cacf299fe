using Teal.Releases;

namespace Teal.Server.Driving;

/// <summary>
/// Where effects happen: the real world (processes, sockets, clocks) or a simulated one. Both calls return at once; outcomes come
/// back to the driver as events.
/// </summary>
public interface IReleaseWorld
{
    /// <summary>Begin to perform the effect. After a crash the same effect is begun again and ends the same.</summary>
    void Begin(string service, OutstandingEffect effect);

    /// <summary>The machine no longer wants its outcome: end it as soon as is safe.</summary>
    void Cancel(string service, long effect);

    /// <summary>The state was published: whatever follows from it (route table, gates, previews) is brought up to date.</summary>
    void Follow(ServerState state);
}
