using System.Text.Json;
using Teal.Server.Access;

namespace Teal.Tests.Real.EndToEnd;

/// <summary>The OpenAPI document says what is served: neither more nor less.</summary>
public sealed class ApiDocumentTests
{
    private const string Itself = "GET /openapi/v1.json";

    [Fact]
    public async Task Every_endpoint_is_in_the_document_with_its_bodies_and_the_form_of_its_refusals()
    {
        await using var teal = await TealProcess.StartAsync();
        using var document = JsonDocument.Parse(await teal.Api.GetStringAsync("/openapi/v1.json"));
        var root = document.RootElement;
        var operations = root.GetProperty("paths")
            .EnumerateObject()
            .SelectMany(
                path => path.Value.EnumerateObject(),
                (path, method) => (Name: $"{method.Name.ToUpperInvariant()} {path.Name}", method.Value)
            )
            .ToDictionary(operation => operation.Name, operation => operation.Value, StringComparer.Ordinal);
        var rows = Permissions.All.Where(IsDescribed).ToList();
        var served = rows.Select(row => $"{row.Method} {row.Pattern}");
        Assert.Equal(served.Order(StringComparer.Ordinal), operations.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            operations.Count,
            operations.Values.Select(operation => operation.GetProperty("operationId").GetString()).Distinct().Count()
        );
        foreach (var permission in rows)
        {
            var operation = operations[$"{permission.Method} {permission.Pattern}"];
            Assert.False(string.IsNullOrEmpty(operation.GetProperty("summary").GetString()), permission.Pattern);
            Assert.Contains(permission.Least.Name(), operation.GetProperty("description").GetString());
            Assert.True(BodyOf(operation) == permission.Body, $"{permission}: {operation}");
            Assert.Equal("#/components/schemas/ProblemView", RefusalOf(operation));
        }
    }

    /// <summary>OFREP is described by those who publish it, and what applications follow and send has its own page.</summary>
    private static bool IsDescribed(Permission row) =>
        $"{row.Method} {row.Pattern}" != Itself
        && !row.Pattern.StartsWith("/ofrep/", StringComparison.Ordinal)
        && !row.Pattern.StartsWith("/client/", StringComparison.Ordinal);

    [Fact]
    public async Task Its_records_have_the_keys_that_are_on_the_wire()
    {
        await using var teal = await TealProcess.StartAsync();
        using var document = JsonDocument.Parse(await teal.Api.GetStringAsync("/openapi/v1.json"));
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        Assert.True(KeysOf(schemas, "DeployRequest").IsSupersetOf(["manifest_path", "supersede"]));
        Assert.True(KeysOf(schemas, "ReceiptView").IsSupersetOf(["carried_in", "client_gone", "adds_up"]));
        Assert.True(KeysOf(schemas, "ProblemView").IsSupersetOf(["code", "detail", "next"]));
        Assert.Contains("fence", KeysOf(schemas, "AuditEntryView"));
    }

    private static BodyKind BodyOf(JsonElement operation) =>
        !operation.TryGetProperty("requestBody", out var body) ? BodyKind.None
        : body.GetProperty("content").TryGetProperty("application/json", out var json)
        && json.GetProperty("schema").TryGetProperty("$ref", out _)
            ? BodyKind.Json
        : body.GetProperty("content").TryGetProperty("application/x-tar", out _) ? BodyKind.Tar
        : throw new InvalidOperationException(body.ToString());

    private static string? RefusalOf(JsonElement operation) =>
        operation
            .GetProperty("responses")
            .GetProperty("default")
            .GetProperty("content")
            .GetProperty("application/problem+json")
            .GetProperty("schema")
            .GetProperty("$ref")
            .GetString();

    private static HashSet<string> KeysOf(JsonElement schemas, string name) =>
        [.. schemas.GetProperty(name).GetProperty("properties").EnumerateObject().Select(key => key.Name)];
}
