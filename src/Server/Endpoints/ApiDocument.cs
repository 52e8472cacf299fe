using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Teal.Server.Access;
using Teal.Server.Views;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>The OpenAPI document: made from what is mapped, with the role of the permission table and the one form of every refusal.</summary>
internal static class ApiDocument
{
    public const string Path = "/openapi/v1.json";
    private const string Problem = "application/problem+json";

    public static void Describe(IServiceCollection services) =>
        services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer((document, _, _) => Introduce(document));
            options.AddOperationTransformer(CompleteAsync);
        });

    public static void Map(IEndpointRouteBuilder app) => app.MapOpenApi(Path);

    /// <summary>What a good answer is, as JSON.</summary>
    /// <param name="name">Of the operation, for programs that are made from the document.</param>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder endpoint, string name, string summary, int status = 200) =>
        endpoint.WithName(name).WithSummary(summary).Produces<T>(status);

    /// <summary>A good answer that is no JSON, or nothing at all.</summary>
    public static RouteHandlerBuilder AnswersWith(
        this RouteHandlerBuilder endpoint,
        string name,
        string summary,
        string? contentType,
        int status = 200
    ) =>
        contentType is null
            ? endpoint.WithName(name).WithSummary(summary).Produces(status)
            : endpoint.WithName(name).WithSummary(summary).Produces<string>(status, contentType);

    private static Task Introduce(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Teal",
            Version = ServerFacts.Release,
            Description = "The admin API. On the server's unix socket no token is asked for; on TCP every request carries one.",
        };
        // It is served at a socket and, where asked, at an address that the reader of this has just used.
        document.Servers?.Clear();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
        return Task.CompletedTask;
    }

    private static async Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var pattern = "/" + context.Description.RelativePath;
        if (Permissions.Find(context.Description.HttpMethod ?? "", pattern) is not { } permission)
        {
            throw new InvalidOperationException($"{context.Description.HttpMethod} {pattern} has no row in the table of permissions.");
        }
        operation.Description = $"At least {permission.Least.Name()}.";
        if (permission.Body == BodyKind.Tar)
        {
            operation.RequestBody = Body("application/x-tar", new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" });
        }
        context.Document!.AddComponent(nameof(ProblemView), await context.GetOrCreateSchemaAsync(typeof(ProblemView), null, ct));
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "Refused: what, why, and what to do next.",
            Content = Content(Problem, new OpenApiSchemaReference(nameof(ProblemView), context.Document)),
        };
    }

    private static OpenApiRequestBody Body(string type, IOpenApiSchema schema) =>
        new() { Required = true, Content = Content(type, schema) };

    private static Dictionary<string, OpenApiMediaType> Content(string type, IOpenApiSchema schema) =>
        new(StringComparer.Ordinal) { [type] = new OpenApiMediaType { Schema = schema } };
}
