namespace Teal.Traffic.Proxying;

/// <summary>Follows the frames of one direction of a WebSocket (RFC 6455, 5.2) without changing or keeping them.</summary>
internal sealed class FrameFollower
{
    private const int LongestHead = 14;
    private const int CloseOpcode = 0x8;

    private readonly byte[] _head = new byte[LongestHead];
    private int _headLength;
    private ulong _payloadLeft;

    /// <summary>True between two frames, where another may be put.</summary>
    public bool IsBetweenFrames => _headLength == 0 && _payloadLeft == 0;

    /// <summary>This side has said goodbye by itself: nothing may follow.</summary>
    public bool SawClose { get; private set; }

    /// <summary>Goes over the bytes; the number that was gone over, which is all unless it has to stop between two frames.</summary>
    public int Advance(ReadOnlySpan<byte> bytes, bool stopsBetweenFrames)
    {
        var at = 0;
        while (at < bytes.Length && !(stopsBetweenFrames && IsBetweenFrames))
        {
            if (_payloadLeft > 0)
            {
                var part = (int)Math.Min(_payloadLeft, (ulong)(bytes.Length - at));
                _payloadLeft -= (ulong)part;
                at += part;
                continue;
            }
            _head[_headLength++] = bytes[at++];
            if (_headLength == NeededLength())
            {
                Begin();
            }
        }
        return at;
    }

    private int NeededLength()
    {
        if (_headLength < 2)
        {
            return 2;
        }
        var mask = (_head[1] & 0x80) == 0 ? 0 : 4;
        return mask + LengthBytes() + 2;
    }

    private int LengthBytes() =>
        (_head[1] & 0x7f) switch
        {
            126 => 2,
            127 => 8,
            _ => 0,
        };

    private void Begin()
    {
        _payloadLeft = (ulong)(_head[1] & 0x7f);
        if (LengthBytes() is var bytes and > 0)
        {
            _payloadLeft = 0;
            for (var i = 0; i < bytes; i++)
            {
                _payloadLeft = (_payloadLeft << 8) | _head[2 + i];
            }
        }
        SawClose |= (_head[0] & 0x0f) == CloseOpcode;
        _headLength = 0;
    }
}
