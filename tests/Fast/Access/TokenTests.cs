using Teal.Server;
using Teal.Server.Access;

namespace Teal.Tests.Fast.Access;

public sealed class TokenTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void A_token_is_a_prefix_and_32_random_bytes_and_is_known_by_its_hash()
    {
        var secret = TokenSecret.Of(Enumerable.Range(0, 32).Select(number => (byte)(number * 8)).ToArray());
        Assert.Equal(48, secret.Length);
        Assert.StartsWith("teal_", secret, StringComparison.Ordinal);
        Assert.True(TokenSecret.LooksLikeOne(secret));
        Assert.Equal(64, TokenSecret.Hash(secret).Length);
        Assert.NotEqual(TokenSecret.Hash(secret), TokenSecret.Hash(secret[..^1] + "A"));
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenSecret.Of(new byte[31]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("teal_")]
    [InlineData("TEAL_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("teal_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("teal_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA A")]
    public void What_is_no_token_is_seen_at_once(string secret) => Assert.False(TokenSecret.LooksLikeOne(secret));

    // held, wanted: viewer, operator, admin, preview, sdk, page
    [Theory]
    [InlineData("preview", false, false, false, true, false, false)]
    [InlineData("page", false, false, false, false, false, true)]
    [InlineData("sdk", false, false, false, false, true, true)]
    [InlineData("viewer", true, false, false, false, true, true)]
    [InlineData("operator", true, true, false, true, true, true)]
    [InlineData("admin", true, true, true, true, true, true)]
    public void A_role_may_what_the_ones_below_it_may(
        string held,
        bool viewer,
        bool @operator,
        bool admin,
        bool preview,
        bool sdk,
        bool page
    )
    {
        var answers = new[] { Role.Viewer, Role.Operator, Role.Admin, Role.Preview, Role.Sdk, Role.Page }.Select(wanted =>
            Judge([Token("a", "one", held)], "one", wanted) is AccessAnswer.Allowed
        );
        Assert.Equal([viewer, @operator, admin, preview, sdk, page], answers);
    }

    [Fact]
    public void Every_role_has_a_name_that_is_read_back()
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            Assert.True(Roles.TryParse(role.Name(), out var read));
            Assert.Equal(role, read);
            Assert.Contains(role.Name(), Roles.All, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_pages_key_is_told_what_a_server_takes_instead()
    {
        var refused = Refused(403, Judge([Token("web", "one", "page")], "one", Role.Sdk));
        Assert.Equal("TEAL6002", refused.Code);
        Assert.Contains("`teal token create NAME --role sdk --environment NAME`", refused.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("superuser")]
    [InlineData("Admin")]
    [InlineData("3")]
    [InlineData("")]
    public void A_role_that_is_not_known_may_nothing(string role) => Refused(401, Judge([Token("a", "one", role)], "one", Role.Viewer));

    [Fact]
    public void A_token_for_one_service_opens_that_one_only()
    {
        TokenCreated[] tokens = [Token("a", "one", "operator") with { Service = "shop" }];
        var allowed = Assert.IsType<AccessAnswer.Allowed>(Judge(tokens, "one", Role.Operator, "shop"));
        Assert.Equal(new Caller("a", Role.Operator, "shop"), allowed.Caller);
        Refused(403, Judge(tokens, "one", Role.Operator, "shop2"));
        Refused(403, Judge(tokens, "one", Role.Operator, null));
    }

    [Fact]
    public void Unknown_revoked_and_expired_tokens_get_the_same_answer()
    {
        TokenCreated[] tokens = [Token("a", "one", "admin") with { Expires = Now }, Token("b", "two", "admin")];
        var expired = Refused(401, Judge(tokens, "one", Role.Viewer));
        Assert.Equal(expired, Refused(401, Judge(tokens, "three", Role.Viewer)));
        Assert.Equal(expired, Refused(401, Judge([], "two", Role.Viewer)));
        Assert.DoesNotContain(TokenSecret.Hash("one"), expired.Why, StringComparison.Ordinal);
        tokens = [tokens[0] with { Expires = Now.AddTicks(1) }];
        Assert.IsType<AccessAnswer.Allowed>(Judge(tokens, "one", Role.Viewer));
    }

    [Fact]
    public void The_table_of_permissions_has_every_endpoint_once_and_reads_never_change()
    {
        Assert.Equal(
            Permissions.All.Count,
            Permissions.All.Select(permission => permission.Method + permission.Pattern).Distinct(StringComparer.Ordinal).Count()
        );
        Assert.All(Permissions.All.Where(one => one.Least == Role.Viewer), one => Assert.Equal("GET", one.Method));
        Assert.All(Permissions.All.Where(one => one.Method is "GET" or "HEAD" or "DELETE"), one => Assert.Equal(BodyKind.None, one.Body));
        Assert.All(Permissions.All.Where(one => one.Method is "POST" or "PUT"), one => Assert.NotEqual(BodyKind.None, one.Body));
        Assert.DoesNotContain(Permissions.All, one => one.Least == Role.Preview);
        Assert.Equal(
            ["/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/{key}", "/ofrep/v1/events"],
            Permissions.All.Where(one => one.Least == Role.Page).Select(one => one.Pattern)
        );
        Assert.Equal(Role.Operator, Permissions.Find("POST", "/api/v1/services/{service}/rollback")!.Least);
        Assert.Null(Permissions.Find("GET", "/api/v1/services/{service}/promote"));
    }

    private static TokenCreated Token(string id, string secret, string role) => new(id, TokenSecret.Hash(secret), role, null, null);

    private static AccessAnswer Judge(IEnumerable<TokenCreated> tokens, string secret, Role wanted, string? service = "shop") =>
        TokenBook.Judge(tokens, TokenSecret.Hash(secret), Now, wanted, service);

    private static AccessAnswer.Refused Refused(int status, AccessAnswer answer)
    {
        var refused = Assert.IsType<AccessAnswer.Refused>(answer);
        Assert.Equal(status, refused.Status);
        return refused;
    }
}
