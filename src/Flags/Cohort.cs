using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Teal.Flags;

/// <summary>
/// Who is in. One function decides it for traffic, flags and schema readers, so that a canary of 5 % and a flag of 5 % can be
/// the same 5 % (one salt) or unrelated ones (two salts). Ramps are monotone: who is in at 5 % is in at 25 %.
/// </summary>
public static class Cohort
{
    private const int StackBytes = 256;

    /// <summary>True when the unit named by <paramref name="key"/> is among the first <paramref name="share"/> under this salt.</summary>
    /// <param name="isFromTop">Among the last ones instead: disjoint from the first, as long as both shares fit into 100 %.</param>
    public static bool Includes(Share share, string salt, ReadOnlySpan<char> key, bool isFromTop = false)
    {
        var bucket = Bucket(salt, key, Share.Whole);
        return isFromTop ? bucket >= Share.Whole - share.Parts : bucket < share.Parts;
    }

    /// <summary>
    /// The bucket of a unit, 0 to <paramref name="weight"/> − 1: <c>(uint64(murmur3_x86_32(utf8(salt + key), 0)) * W) >> 32</c>,
    /// which is flagd's <c>fractional</c> over <c>cat(salt, key)</c>.
    /// </summary>
    public static int Bucket(ReadOnlySpan<char> salt, ReadOnlySpan<char> key, int weight)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        var most = Encoding.UTF8.GetMaxByteCount(salt.Length + key.Length);
        byte[]? rented = null;
        Span<byte> bytes = most <= StackBytes ? stackalloc byte[StackBytes] : (rented = ArrayPool<byte>.Shared.Rent(most));
        var length = Encoding.UTF8.GetBytes(salt, bytes);
        length += Encoding.UTF8.GetBytes(key, bytes[length..]);
        var bucket = Bucket(bytes[..length], weight);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
        return bucket;
    }

    /// <summary>The bucket of a key that is UTF-8 already; 0 when there is no weight.</summary>
    public static int Bucket(ReadOnlySpan<byte> utf8Key, int weight) => (int)(((ulong)Murmur3(utf8Key) * (uint)weight) >> 32);

    /// <summary>MurmurHash3_x86_32 with seed 0 (Austin Appleby, public domain).</summary>
    public static uint Murmur3(ReadOnlySpan<byte> bytes)
    {
        const uint c1 = 0xcc9e2d51;
        const uint c2 = 0x1b873593;
        uint hash = 0;
        var rest = bytes;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            hash ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt32LittleEndian(rest) * c1, 15) * c2;
            hash = (BitOperations.RotateLeft(hash, 13) * 5) + 0xe6546b64;
        }
        uint tail = 0;
        for (var i = rest.Length - 1; i >= 0; i--)
        {
            tail = (tail << 8) | rest[i];
        }
        hash ^= BitOperations.RotateLeft(tail * c1, 15) * c2;
        hash ^= (uint)bytes.Length;
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }
}
