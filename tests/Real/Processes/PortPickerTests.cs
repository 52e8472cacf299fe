using Teal.Server.Processes;

namespace Teal.Tests.Real.Processes;

public sealed class PortPickerTests
{
    [Fact]
    public void Ports_differ_and_are_none_that_a_server_asking_for_any_port_is_given()
    {
        // Two that know nothing of each other, and as many ports as each of them remembers.
        var (picker, other) = (new PortPicker(), new PortPicker());
        var picked = Enumerable.Range(0, 60).SelectMany(_ => new[] { picker.Pick(), other.Pick() }).ToHashSet();
        Assert.Equal(120, picked.Count);
        Assert.DoesNotContain(null, picked);
        var others = Enumerable.Range(0, 200).Select(_ => new ReservedPort()).ToList();
        Assert.DoesNotContain(others, reserved => picked.Contains(reserved.Number));
        others.ForEach(reserved => reserved.Dispose());
    }
}
