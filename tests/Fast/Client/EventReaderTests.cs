using System.Text;
using Teal.Client;

namespace Teal.Tests.Fast.Client;

public sealed class EventReaderTests
{
    [Fact]
    public async Task Events_are_read_whatever_pieces_they_come_in()
    {
        const string Sent =
            "retry: 2000\n\n:\n\nevent: flags\nid: 17\ndata: {\"a\":1}\n\nevent: flags\r\nid: x\r\ndata:{\r\ndata: }\r\n\r\ndata\n\nid: 9\n\n";
        for (var piece = 1; piece <= Sent.Length; piece++)
        {
            var read = await ReadAsync(Encoding.UTF8.GetBytes(Sent), piece);
            Assert.Equal([("flags", 17L, "{\"a\":1}"), ("flags", null, "{\n}"), ("message", null, "")], read);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("data: 1")]
    [InlineData("data: 1\n")]
    [InlineData("event: flags\n\nid: 3\n\n: comment\n\n")]
    public async Task What_is_no_whole_event_is_none(string sent) => Assert.Empty(await ReadAsync(Encoding.UTF8.GetBytes(sent), 3));

    [Fact]
    public async Task A_name_does_not_reach_over_to_the_next_event()
    {
        var read = await ReadAsync("event: flags\ndata: 1\n\ndata: 2\n\nevent: flags\n\ndata: 3\n\n"u8.ToArray(), 100);
        Assert.Equal(["flags", "message", "message"], read.Select(told => told.Name));
    }

    [Fact]
    public async Task A_line_that_does_not_end_is_left_at_its_limit()
    {
        var endless = Encoding.UTF8.GetBytes("data: " + new string('x', 200_000));
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(endless, 4096, most: 100_000));
        Assert.StartsWith("TEAL9452", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_of_very_many_lines_is_left_at_its_limit()
    {
        var endless = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("data: 0123456789\n", 20_000)));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(endless, 4096, most: 100_000));
    }

    [Fact]
    public async Task Whatever_is_sent_it_is_read_to_its_end_or_refused()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        string[] words = ["data", ":", " ", "\n", "\r\n", "event: flags", "id: 1", "\0", "\u00ff", "{", "}", "data: x\n\n"];
        for (var run = 0; run < 2_000; run++)
        {
            var sent = string.Concat(random.GetItems(words, random.Next(0, 60)));
            var read = await ReadAsync(Encoding.UTF8.GetBytes(sent), random.Next(1, 20));
            Assert.True(read.Count <= sent.Length, $"seed {seed}: {sent}");
        }
    }

    private static async Task<List<(string Name, long? Id, string Data)>> ReadAsync(byte[] sent, int piece, int most = 1_000_000)
    {
        var heard = 0;
        var reader = new EventReader(new PiecesStream(sent, piece), most, () => heard++);
        var events = new List<(string, long?, string)>();
        while (await reader.NextAsync(CancellationToken.None) is { } told)
        {
            events.Add((told.Name, told.Id, Encoding.UTF8.GetString(told.Data.Span)));
        }
        Assert.Equal((sent.Length + piece - 1) / piece, heard);
        return events;
    }

    /// <summary>Gives at most so many bytes at once, as a network does.</summary>
    private sealed class PiecesStream(byte[] content, int piece) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // The reader's own buffer may have less room than a piece: this one never gives less than it can.
            Assert.True(buffer.Length > 0);
            return new(Read(buffer.Span[..Math.Min(piece, buffer.Length)]));
        }
    }
}
