using Teal.Releases;
using Teal.Server.Processes;

namespace Teal.Tests.Fast.Processes;

public sealed class InstanceEnvironmentTests
{
    private static readonly SecretSources Sources = new(
        name =>
            name switch
            {
                "PATH" => "/bin",
                "AWS_SECRET_ACCESS_KEY" => "not for apps",
                "TOKEN" => "token-1234\nline two",
                "NUL" => "a\0b",
                _ => null,
            },
        path => path == "/stored/secret" ? "from-file" : null
    );

    [Fact]
    public void References_are_read_and_the_rest_is_taken_as_written()
    {
        var order = Order(("A", "env:TOKEN"), ("B", "file:secret"), ("C", "file:/stored/secret"), ("D", "plain $HOME"));
        Assert.Null(InstanceEnvironment.Resolve(order, Sources, out var variables));
        Assert.Equal(
            ["A=token-1234\nline two", "B=from-file", "C=from-file", "D=plain $HOME", "PATH=/bin"],
            variables.Select(variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("env:NOWHERE", "run.env.A is env:NOWHERE, which is not there")]
    [InlineData("file:nowhere", "run.env.A is file:nowhere, which is not there")]
    [InlineData("env:NUL", "run.env.A is env:NUL, which holds a NUL byte")]
    public void What_cannot_be_had_is_named_without_a_value(string written, string why)
    {
        var failure = InstanceEnvironment.Resolve(Order(("A", written)), Sources, out _);
        Assert.Equal(("TEAL5002", why), (failure?.Code, failure?.Why));
    }

    [Fact]
    public void Secrets_are_masked_line_by_line_and_plain_values_are_not()
    {
        var order = Order(("A", "env:TOKEN"), ("B", "plain-value"), ("C", "env:NOWHERE"));
        Assert.Equal("x ***y plain-value ***", InstanceEnvironment.Masked("x token-1234y plain-value line two", order, Sources));
    }

    private static SlotOrder Order(params (string Name, string Value)[] variables)
    {
        var run = new RunSection { Command = ["app"], Env = variables.ToDictionary(each => each.Name, each => each.Value) };
        return new SlotOrder("shop", SlotName.Blue, "v1", new Manifest { Service = "shop", Run = run }, "/stored", "app");
    }
}
