using System.Text;
using CsCheck;
using Teal.Traffic.Proxying;

namespace Teal.Tests.Fast.Traffic;

public sealed class LongLivedTests
{
    /// <summary>However the bytes are cut into reads, the follower is between frames exactly at the ends of frames.</summary>
    [Fact]
    public void Frames_are_followed_however_they_are_cut() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 70_000]).List[1, 5], Gen.Int[1, 40_000])
            .Sample(
                (frames, piece) =>
                {
                    var bytes = frames.SelectMany(static frame => Frame(frame.Item1, frame.Item2, frame.Item3)).ToArray();
                    var ends = new HashSet<int> { 0 };
                    foreach (var frame in frames)
                    {
                        ends.Add(ends.Max() + Frame(frame.Item1, frame.Item2, frame.Item3).Length);
                    }
                    var follower = new FrameFollower();
                    for (var at = 0; at < bytes.Length; at += piece)
                    {
                        Assert.Equal(ends.Contains(at), follower.IsBetweenFrames);
                        var part = bytes.AsSpan(at, Math.Min(piece, bytes.Length - at));
                        Assert.Equal(part.Length, follower.Advance(part, stopsBetweenFrames: false));
                    }
                    Assert.True(follower.IsBetweenFrames);
                },
                iter: 200
            );

    [Fact]
    public void A_follower_that_has_to_stop_stops_after_the_frame_that_it_is_in()
    {
        var follower = new FrameFollower();
        byte[] frames = [.. Frame(1, true, 300), .. Frame(1, true, 5)];
        follower.Advance(frames.AsSpan(0, 10), stopsBetweenFrames: false);
        Assert.Equal(Frame(1, true, 300).Length - 10, follower.Advance(frames.AsSpan(10), stopsBetweenFrames: true));
        Assert.Equal(0, follower.Advance(frames.AsSpan(308), stopsBetweenFrames: true));
        Assert.False(follower.SawClose);
        follower.Advance([0x88, 0x00], stopsBetweenFrames: false);
        Assert.True(follower.SawClose);
    }

    [Theory]
    [InlineData("data: a\n\n", true)]
    [InlineData("data: a\r\n\r\n", true)]
    [InlineData("data: a\r\r", true)]
    [InlineData("data: a\n\n\n", true)]
    [InlineData("data: a\n", false)]
    [InlineData("data: a\r\n", false)]
    [InlineData("data: a\n\ndata", false)]
    [InlineData(":\n\n", true)]
    [InlineData("", true)]
    public void An_event_ends_at_an_empty_line(string text, bool isBetween)
    {
        var boundary = new EventBoundary();
        foreach (var letter in Encoding.ASCII.GetBytes(text))
        {
            Assert.Equal(1, boundary.Advance([letter], stopsBetweenEvents: false));
        }
        Assert.Equal(isBetween, boundary.IsBetweenEvents);
    }

    [Theory]
    [InlineData("rest\n\ndata: next\n\n", 6)]
    [InlineData("rest\r\n\r\ndata: next\r\n\r\n", 8)]
    public void A_stream_that_has_to_stop_stops_after_the_event_that_it_is_in(string text, int expected)
    {
        var boundary = new EventBoundary();
        boundary.Advance("data: "u8, stopsBetweenEvents: false);
        Assert.Equal(expected, boundary.Advance(Encoding.ASCII.GetBytes(text), stopsBetweenEvents: true));
    }

    private static byte[] Frame(int opcode, bool isMasked, int length)
    {
        var mask = isMasked ? 0x80 : 0;
        byte[] head = length switch
        {
            < 126 => [(byte)(0x80 | opcode), (byte)(mask | length)],
            < 65_536 => [(byte)(0x80 | opcode), (byte)(mask | 126), (byte)(length >> 8), (byte)length],
            _ => [(byte)(0x80 | opcode), (byte)(mask | 127), 0, 0, 0, 0, 0, (byte)(length >> 16), (byte)(length >> 8), (byte)length],
        };
        return [.. head, .. new byte[isMasked ? 4 : 0], .. Enumerable.Repeat((byte)0x88, length)];
    }
}
