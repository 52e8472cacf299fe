using Teal.Server.Processes;

namespace Teal.Tests.Real.Processes;

public sealed class PortPickerTests
{
    [Fact]
    public void Ports_differ_and_are_none_that_a_server_asking_for_any_port_is_given()
    {
        var picker = new PortPicker();
        var picked = Enumerable.Range(0, 200).Select(_ => picker.Pick()).ToHashSet();
        Assert.Equal(200, picked.Count);
        Assert.DoesNotContain(null, picked);
        var others = Enumerable.Range(0, 200).Select(_ => new ReservedPort()).ToList();
        Assert.DoesNotContain(others, other => picked.Contains(other.Number));
        others.ForEach(other => other.Dispose());
    }
}
