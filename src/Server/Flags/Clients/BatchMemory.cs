namespace Teal.Server.Flags.Clients;

/// <summary>
/// Which batches were counted: a client that got no answer sends the same batch again. Bounded: each client's last batches, and beyond the
/// most clients whoever was not heard of for longest is forgotten.
/// </summary>
/// <param name="most">Clients.</param>
public sealed class BatchMemory(int most)
{
    /// <summary>Batches of one client that are told apart. What is older was counted, or comes too late.</summary>
    public const int Window = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Environment, string Client), LinkedListNode<Seen>> _byClient = [];
    private readonly LinkedList<Seen> _order = new();

    /// <summary>True the first time, and never again for the same batch.</summary>
    public bool IsNew(string environment, string client, long sequence)
    {
        lock (_lock)
        {
            var place = PlaceOf((environment, client));
            var seen = place.Value;
            var ahead = sequence - seen.Newest;
            if (ahead <= -Window || (ahead <= 0 && (seen.Bits >> (int)-ahead & 1) == 1))
            {
                return false;
            }
            place.Value =
                ahead <= 0
                    ? seen with
                    {
                        Bits = seen.Bits | (1UL << (int)-ahead),
                    }
                    : seen with
                    {
                        Newest = sequence,
                        Bits = (ahead < Window ? seen.Bits << (int)ahead : 0) | 1,
                    };
            return true;
        }
    }

    private LinkedListNode<Seen> PlaceOf((string Environment, string Client) client)
    {
        if (_byClient.TryGetValue(client, out var place))
        {
            _order.Remove(place);
            _order.AddLast(place);
            return place;
        }
        if (_byClient.Count >= most)
        {
            _byClient.Remove(_order.First!.Value.Client);
            _order.RemoveFirst();
        }
        return _byClient[client] = _order.AddLast(new Seen(client, 0, 0));
    }

    /// <param name="Bits">The newest batch and the 63 before it, from the lowest bit.</param>
    private readonly record struct Seen((string Environment, string Client) Client, long Newest, ulong Bits);
}
