using Teal.Releases;

namespace Teal.Tests.Fast.Manifests;

internal static class Sample
{
    /// <summary>What interface.md shows, without the keys of later capabilities.</summary>
    public const string Whole = """
        # yaml-language-server: $schema=./teal.schema.json
        service: shop
        run:
          command: [dotnet, Shop.dll]
          port: auto
          instances: 2
          stop_timeout: 30s
          env: { TZ: UTC, DATABASE_URL: 'env:SHOP_DB', KEY: file:/run/secrets/key }
        routes: [ { host: shop.example.com, path: / } ]
        health:  { path: /healthz, every: 1s, timeout: 2s, rise: 3, fall: 3, give_up_after: 60s }
        release:
          warm_up: { paths: [/, /cart], requests: 5 }
          smoke: [./smoke.sh]
          steps: [ { share: 5%, hold: 2m }, { share: 25%, hold: 5m }, { share: 100% } ]
          cohort: { by: [header:x-user-id, cookie:teal-cohort] }
          target: header:x-tester=yes
          drain: 30s
          keep_previous: 1h
          guard:
            - { metric: error_rate,  max_increase: 0.5% }
            - { metric: latency_p99, max_ratio: 1.3 }
            - { metric: cpu, max: 90% }
            - { metric: memory, max: 512MiB }
            - { metric: latency_p50, max: 250ms }
          on_breach: pause
        limits: { body: 10MB, answer: 1m30s }
        flags:
          evaluate: [checkout, newBanner]
          environment: production
          context: { country: header:x-country, plan: cookie:plan, ip: address }
        notify: [ { webhook: 'env:HOOK_URL', on: [rolled_back, needs_person] } ]
        environments:
          staging: { routes: [ { host: stg.example.com } ], run: { instances: 1 } }

        """;

    public const string Least = "service: shop\nrun: { command: [./shop] }\n";

    public static ManifestResult Read(string text, string? environment = null) => ManifestReader.Read(text, "teal.yaml", environment);

    public static Manifest Good(string text, string? environment = null)
    {
        var result = Read(text, environment);
        Assert.Empty(result.Errors);
        return Assert.IsType<Manifest>(result.Manifest);
    }

    /// <summary>The errors, one a line, as people see them.</summary>
    public static string Errors(string text, string? environment = null)
    {
        var result = Read(text, environment);
        Assert.Null(result.Manifest);
        Assert.NotEmpty(result.Errors);
        return string.Join('\n', result.Errors);
    }
}
