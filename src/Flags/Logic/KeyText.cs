using System.Buffers;
using System.Text;

namespace Teal.Flags;

/// <summary>The text that is hashed into a bucket, put together as UTF-8 without a string of its own.</summary>
internal ref struct KeyText(Span<byte> buffer)
{
    public const int StackBytes = 256;

    private Span<byte> _buffer = buffer;
    private byte[]? _rented;
    private int _length;

    public readonly ReadOnlySpan<byte> Bytes => _buffer[.._length];

    public void Append(string text)
    {
        if (_buffer.Length - _length < text.Length * 3)
        {
            Grow(Encoding.UTF8.GetByteCount(text));
        }
        _length += Encoding.UTF8.GetBytes(text, _buffer[_length..]);
    }

    /// <summary>As <c>cat</c> appends it: null is nothing.</summary>
    public void Append(ref Walk walk, ContextValue value)
    {
        if (value.Text is { } text)
        {
            if (walk.Spend(text.Length / 64))
            {
                Append(text);
            }
        }
        else if (!value.IsNull)
        {
            Append(walk.ToText(value));
        }
    }

    public readonly void Return()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    public override readonly string ToString() => Encoding.UTF8.GetString(Bytes);

    private void Grow(int more)
    {
        if (_buffer.Length - _length >= more)
        {
            return;
        }
        var larger = ArrayPool<byte>.Shared.Rent((_length + more) * 2);
        Bytes.CopyTo(larger);
        Return();
        _rented = larger;
        _buffer = larger;
    }
}
