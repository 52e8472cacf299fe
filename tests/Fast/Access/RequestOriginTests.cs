using Teal.Server.Access;

namespace Teal.Tests.Fast.Access;

public sealed class RequestOriginTests
{
    private const string Secret = "teal_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private static readonly HashSet<string> Hosts = ["127.0.0.1:9900", "localhost:9900", "[::1]:9900"];

    private static readonly RequestHead Good = new(
        "POST",
        Host: ["127.0.0.1:9900"],
        Origin: [],
        SecFetchSite: [],
        Authorization: ["Bearer " + Secret],
        ContentType: ["application/json"],
        Query: "",
        HasBody: true
    );

    [Fact]
    public void A_client_with_a_token_in_its_header_is_heard()
    {
        Asks(Good);
        Asks(Good with { Host = ["LocalHost:9900"], Authorization = ["bearer " + Secret] });
        Asks(Good with { ContentType = ["application/json; charset=utf-8"], Query = "?limit=5&tail" });
        Asks(Good with { Origin = ["http://127.0.0.1:9900"], SecFetchSite = ["same-origin"] });
    }

    [Theory]
    [InlineData("rebind.attacker")]
    [InlineData("rebind.attacker:9900")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:9900.attacker")]
    [InlineData("")]
    public void Another_host_is_refused(string host) => Refused("TEAL6010", 403, Good with { Host = [host] });

    [Fact]
    public void No_host_and_two_hosts_are_refused()
    {
        Refused("TEAL6010", 403, Good with { Host = [] });
        Refused("TEAL6010", 403, Good with { Host = ["127.0.0.1:9900", "127.0.0.1:9900"] });
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("http://localhost:8080")]
    [InlineData("file:///")]
    [InlineData("http://127.0.0.1:9900/path")]
    [InlineData("ftp://127.0.0.1:9900")]
    public void Another_origin_is_refused(string origin) => Refused("TEAL6011", 403, Good with { Origin = [origin] });

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("SAME-ORIGIN?")]
    public void Another_site_is_refused(string site) => Refused("TEAL6011", 403, Good with { SecFetchSite = [site] });

    [Theory]
    [InlineData("?token=x")]
    [InlineData("?a=1&ACCESS_TOKEN=x")]
    [InlineData("?q=" + Secret)]
    [InlineData("?q=te%61l_AAAA")]
    [InlineData("?%74oken=x")]
    public void A_token_in_the_query_string_is_refused_even_beside_a_good_one(string query) =>
        Refused("TEAL6012", 400, Good with { Query = query });

    [Theory]
    [InlineData("text/plain", 403)]
    [InlineData("application/x-www-form-urlencoded", 403)]
    [InlineData("multipart/form-data; boundary=x", 403)]
    [InlineData("", 403)]
    [InlineData("application/xml", 415)]
    [InlineData("application/jsonx", 415)]
    [InlineData("application/x-tar", 415)]
    public void A_body_of_another_type_is_refused(string type, int status) =>
        Refused("TEAL6013", status, Good with { ContentType = [type] });

    [Fact]
    public void A_change_needs_the_type_even_without_a_body_and_a_read_takes_none()
    {
        Refused("TEAL6013", 403, Good with { ContentType = [], HasBody = false });
        Refused("TEAL6013", 403, Good with { ContentType = ["application/json", "application/json"] });
        Refused("TEAL6014", 400, Good with { Method = "GET" }, BodyKind.None);
        Assert.IsType<OriginAnswer.Asks>(RequestOrigin.Judge(Good with { ContentType = ["application/x-tar"] }, Hosts, BodyKind.Tar));
    }

    [Fact]
    public void A_token_comes_once_as_a_bearer()
    {
        Refused("TEAL6005", 401, Good with { Authorization = [] });
        Refused("TEAL6001", 401, Good with { Authorization = ["Basic " + Secret] });
        Refused("TEAL6001", 401, Good with { Authorization = ["Bearer " + Secret, "Bearer " + Secret] });
        Refused("TEAL6001", 401, Good with { Authorization = ["Bearer " + Secret + " "] });
        Refused("TEAL6001", 401, Good with { Authorization = ["Bearer  " + Secret] });
    }

    [Fact]
    public void The_secret_is_not_in_what_is_printed() =>
        Assert.DoesNotContain(Secret, RequestOrigin.Judge(Good, Hosts, BodyKind.Json).ToString(), StringComparison.Ordinal);

    private static void Asks(RequestHead head) =>
        Assert.Equal(Secret, Assert.IsType<OriginAnswer.Asks>(RequestOrigin.Judge(head, Hosts, BodyKind.Json)).Secret);

    private static void Refused(string code, int status, RequestHead head, BodyKind body = BodyKind.Json)
    {
        var refused = Assert.IsType<OriginAnswer.Refused>(RequestOrigin.Judge(head, Hosts, body));
        Assert.Equal((code, status), (refused.Code, refused.Status));
    }
}
