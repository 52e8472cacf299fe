using System.Buffers;
using System.Globalization;
using System.Text;

namespace Teal.Client;

/// <param name="Name"><c>message</c> when the server named none.</param>
/// <param name="Id">Null when there is none that is a number.</param>
/// <param name="Data">Valid until the next read.</param>
internal readonly record struct StreamEvent(string Name, long? Id, ReadOnlyMemory<byte> Data);

/// <summary>Reads server-sent events, as <see href="https://html.spec.whatwg.org/multipage/server-sent-events.html"/> has them.</summary>
/// <param name="mostBytes">Of one line, and of one event's data.</param>
/// <param name="heard">Called whenever the server sent something, be it a comment.</param>
internal sealed class EventReader(Stream stream, int mostBytes, Action heard)
{
    private const int FirstBytes = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _data = new();
    private byte[] _buffer = new byte[FirstBytes];
    private int _start;
    private int _scanned;
    private int _end;
    private string _name = "";
    private long? _id;
    private bool _hasData;

    /// <summary>The next event; null when the stream ended, an unfinished event included.</summary>
    /// <exception cref="InvalidDataException">TEAL9452: a line or an event is larger than allowed.</exception>
    public async ValueTask<StreamEvent?> NextAsync(CancellationToken ct)
    {
        _data.ResetWrittenCount();
        (_name, _hasData) = ("", false);
        while (true)
        {
            while (TryReadLine(out var line))
            {
                if (line.Length > 0)
                {
                    Take(line.Span);
                }
                else if (_hasData)
                {
                    return new StreamEvent(_name.Length == 0 ? "message" : _name, _id, _data.WrittenMemory);
                }
                else
                {
                    _name = "";
                }
            }
            if (!await FillAsync(ct))
            {
                return null;
            }
            heard();
        }
    }

    private bool TryReadLine(out ReadOnlyMemory<byte> line)
    {
        var end = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
        if (end < 0)
        {
            _scanned = _end;
            line = default;
            return false;
        }
        var next = _scanned + end + 1;
        var length = _scanned + end - _start;
        line = _buffer.AsMemory(_start, length > 0 && _buffer[_start + length - 1] == '\r' ? length - 1 : length);
        (_start, _scanned) = (next, next);
        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_scanned, _end, _start) = (_scanned - _start, _end - _start, 0);
        }
        if (_end == _buffer.Length)
        {
            if (_end >= mostBytes)
            {
                throw TooLarge();
            }
            Array.Resize(ref _buffer, (int)Math.Min((long)_buffer.Length * 2, mostBytes));
        }
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), ct);
        _end += read;
        return read > 0;
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        var field = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? default : line[(colon + 1)..];
        value = value.StartsWith(" "u8) ? value[1..] : value;
        if (field.SequenceEqual("data"u8))
        {
            Append(value);
        }
        else if (field.SequenceEqual("event"u8))
        {
            _name = Encoding.UTF8.GetString(value[..Math.Min(value.Length, 100)]);
        }
        else if (field.SequenceEqual("id"u8))
        {
            _id = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
    }

    private void Append(ReadOnlySpan<byte> value)
    {
        if (_data.WrittenCount + value.Length + 1 > mostBytes)
        {
            throw TooLarge();
        }
        if (_hasData)
        {
            _data.Write("\n"u8);
        }
        _data.Write(value);
        _hasData = true;
    }

    private InvalidDataException TooLarge() => new($"TEAL9452: the server sent more than {mostBytes} bytes as one message.");
}
