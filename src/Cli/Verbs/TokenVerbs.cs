using System.CommandLine;
using Teal.Cli.Asking;
using Teal.Cli.Showing;
using Teal.Releases;
using Teal.Wire;

namespace Teal.Cli.Verbs;

/// <summary><c>teal token</c>: who may use the admin API over TCP, who may see a preview, which application is told flags.</summary>
internal static class TokenVerbs
{
    private static readonly string[] Roles = ["viewer", "operator", "admin", "preview", "page", "sdk"];

    private const string CreateExamples = """
          teal token create --role operator --expires 90d        printed once; only its hash is kept
          teal token create --role preview -s shop               for the header X-Teal-Preview
          teal token create web --role page --environment production    for a web page: asks what flags are, nothing else
          teal token create shop --role sdk --environment production    for a server: the rules of flags too, and reports
          TEAL_TOKEN_FILE=~/.teal-token teal --server http://10.0.0.5:9900 status
        """;

    private const string RevokeExamples = """
          teal token list
          teal token revoke t-3f2a
        """;

    public static Command In(VerbRunner verbs) =>
        VerbRunner.Noun(
            "token",
            "Tokens for the admin API, for previews, pages and SDKs",
            Create(verbs),
            verbs.Verb("list", "The tokens that are valid, without their secrets", RevokeExamples, [], ListAsync),
            Revoke(verbs)
        );

    private static Command Create(VerbRunner verbs)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "What to call it (default: a random id)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var role = new Option<string>("--role")
        {
            HelpName = "ROLE",
            Description = "viewer, operator, admin, preview, page or sdk",
            Required = true,
        };
        role.CompletionSources.Add(Roles);
        var service = new Option<string>("--service", "-s") { HelpName = "NAME", Description = "Only for this service (default: all)" };
        var expires = new Option<string>("--expires")
        {
            HelpName = "TIME",
            Description = "Valid this long, as 90d (default: until revoked)",
        };
        var environment = new Option<string>("--environment")
        {
            HelpName = "NAME",
            Description = "Of a token for a page or an sdk: whose flags it is told",
        };
        return verbs.Verb(
            "create",
            "Make a token and print it once",
            CreateExamples,
            [name, role, service, environment, expires],
            (desk, parsed, stop) =>
                CreateAsync(
                    desk,
                    new TokenRequest(
                        Known(parsed.GetRequiredValue(role)),
                        parsed.GetValue(service) is { } one ? desk.Service(one) : null,
                        Expiry(desk, parsed.GetValue(expires)),
                        desk.Settings.Reason,
                        parsed.GetValue(environment),
                        parsed.GetValue(name)
                    ),
                    stop
                )
        );
    }

    private static string Known(string role) =>
        Roles.Contains(role) ? role : throw GlobalOptions.Wrong("--role", role, "write viewer, operator, admin, preview, page or sdk");

    private static async Task<ExitCode> CreateAsync(Desk desk, TokenRequest request, CancellationToken stop)
    {
        var token = await desk.Api.SendAsync(
            HttpMethod.Post,
            "api/v1/tokens",
            request,
            WireJson.Default.TokenRequest,
            WireJson.Default.TokenView,
            stop
        );
        // The secret alone on standard output, so that `teal token create … > file` keeps nothing else.
        desk.Show(token, WireJson.Default.TokenView, view => [new InkedLine(view.Secret ?? "")]);
        if (desk.IsText && !desk.Settings.IsQuiet)
        {
            desk.Screen.Error($"{Text(token).Text}. This is shown once.");
        }
        return ExitCode.Done;
    }

    private static DateTimeOffset? Expiry(Desk desk, string? expires) =>
        expires is null ? null
        : GlobalOptions.Length(expires) is { } length ? desk.Around.Time.GetUtcNow() + length
        : throw GlobalOptions.Wrong("--expires", expires, "write a duration with its unit, as 12h or 90d");

    private static async Task<ExitCode> ListAsync(Desk desk, ParseResult parsed, CancellationToken stop)
    {
        var tokens = await desk.Api.GetAsync("api/v1/tokens", WireJson.Default.TokensView, stop);
        desk.Show(
            tokens,
            WireJson.Default.TokensView,
            view => view.Tokens.Count == 0 ? [new InkedLine("No tokens.")] : view.Tokens.Select(Text)
        );
        return ExitCode.Done;
    }

    private static InkedLine Text(TokenView token) =>
        $"{token.Id}  {token.Role}  {Scope(token)}  made {ReleaseText.Instant(token.CreatedAt)}  {(token.Expires is { } end ? $"until {ReleaseText.Instant(end)}" : "until revoked")}";

    private static string Scope(TokenView token) =>
        token.Environment is { } environment ? $"flags of {environment}" : token.Service ?? "every service";

    private static Command Revoke(VerbRunner verbs)
    {
        var id = new Argument<string>("ID") { Description = "From `teal token list`" };
        return verbs.Verb(
            "revoke",
            "Make a token invalid, at once",
            RevokeExamples,
            [id],
            async (desk, parsed, stop) =>
            {
                var name = parsed.GetRequiredValue(id);
                if (!Names.IsVersion(name))
                {
                    throw GlobalOptions.Wrong("ID", name, "take one from `teal token list`");
                }
                await desk.Api.DeleteAsync($"api/v1/tokens/{Api.Segment(name)}", stop);
                desk.Show(
                    new DoneView(1, $"Token {name} is revoked.", null, ["teal token list"]),
                    CliJson.Default.DoneView,
                    view => [new InkedLine(view.Done)]
                );
                return ExitCode.Done;
            }
        );
    }
}
