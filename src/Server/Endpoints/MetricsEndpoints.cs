using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Teal.Releases;
using Teal.Server.Driving;
using Teal.Server.Flags.Clients;
using Teal.Server.Flags.Files;
using Teal.Traffic;
using Teal.Traffic.Proxying;

namespace Teal.Server.Endpoints;

/// <summary>The ledger and the instances in Prometheus' text format 0.0.4. Names and label values are strict tokens, but for variants: nothing else to escape.</summary>
public static class MetricsEndpoints
{
    private static readonly double[] Quantiles = [0.5, 0.9, 0.95, 0.99];

    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapGet(
                "/metrics",
                (ReleaseDriver driver, TrafficPlane plane, FlagSources sources, ClientEvents events, RolloutReports reports) =>
                    Results.Text(
                        Write(driver.State, plane) + ClientMetrics.Write(events.Counts, reports.All()) + Own(driver.State, sources),
                        "text/plain; version=0.0.4; charset=utf-8"
                    )
            )
            .AnswersWith("getMetrics", "Ledger and latencies in Prometheus' text format.", "text/plain");

    private static string Write(ServerState state, TrafficPlane plane)
    {
        var text = new StringBuilder();
        Header(text, "teal_requests_total", "counter", "Requests by outcome: every accepted request is in exactly one.");
        foreach (var service in state.Services.Keys)
        {
            Requests(text, service, plane.Ledger(service));
        }
        Header(text, "teal_requests_inside", "gauge", "Requests that are being answered or held.");
        foreach (var service in state.Services.Keys)
        {
            Line(text, "teal_requests_inside", $"service=\"{service}\"", plane.Ledger(service).Inside);
        }
        Header(text, "teal_response_milliseconds", "summary", "Time to the head of the answer, since the server's start.");
        foreach (var (service, slot) in state.Services.SelectMany(pair => Deployed(pair.Value), (pair, version) => (pair.Key, version)))
        {
            Latency(text, service, slot, plane.Evidence(service, slot));
        }
        Variants(text, plane.Variants());
        return text.ToString();
    }

    /// <summary>Of the server itself.</summary>
    private static string Own(ServerState state, FlagSources sources)
    {
        var text = new StringBuilder();
        Header(text, "teal_notices_dropped_total", "counter", "Messages of notify that were never sent, because too many waited.");
        text.Append(CultureInfo.InvariantCulture, $"teal_notices_dropped_total {state.DroppedNotices}\n");
        Header(text, "teal_flag_file_good", "gauge", "1 when what a file of flags says is in force, 0 when it was refused or is away.");
        foreach (var source in sources.All)
        {
            Line(text, "teal_flag_file_good", $"file=\"{Escaped(source.Name)}\"", source.IsWrong ? 0 : 1);
        }
        return text.ToString();
    }

    private static IEnumerable<string> Deployed(ServiceState state) =>
        new[] { state.Blue, state.Green }.Select(slot => slot.Deployed?.Version).OfType<string>().Distinct(StringComparer.Ordinal);

    private static void Requests(StringBuilder text, string service, LedgerSnapshot ledger)
    {
        const string name = "teal_requests_total";
        foreach (var (version, count) in ledger.Served)
        {
            Line(text, name, $"service=\"{service}\",outcome=\"served\",version=\"{version}\"", count);
        }
        foreach (var (version, count) in ledger.Failed)
        {
            Line(text, name, $"service=\"{service}\",outcome=\"failed\",version=\"{version}\"", count);
        }
        foreach (var (reason, count) in ledger.Shed)
        {
            Line(text, name, $"service=\"{service}\",outcome=\"shed\",reason=\"{reason}\"", count);
        }
        Line(text, name, $"service=\"{service}\",outcome=\"client_gone\"", ledger.ClientGone);
        Line(text, name, $"service=\"{service}\",outcome=\"cut\"", ledger.CutCount);
        Line(text, name, $"service=\"{service}\",outcome=\"dropped\"", ledger.Dropped);
    }

    private static void Latency(StringBuilder text, string service, string version, VersionEvidence evidence)
    {
        foreach (var quantile in Quantiles)
        {
            if (evidence.Latency.Quantile(quantile) is { } milliseconds)
            {
                var labels = string.Create(
                    CultureInfo.InvariantCulture,
                    $"service=\"{service}\",version=\"{version}\",quantile=\"{quantile}\""
                );
                Line(text, "teal_response_milliseconds", labels, milliseconds);
            }
        }
        Line(text, "teal_response_milliseconds_count", $"service=\"{service}\",version=\"{version}\"", evidence.Requests);
    }

    private static void Variants(StringBuilder text, IReadOnlyList<VariantAnswers> variants)
    {
        Header(text, "teal_variant_requests_total", "counter", "Answers to requests that were handed a variant of a flag.");
        foreach (var seen in variants)
        {
            Line(text, "teal_variant_requests_total", LabelsOf(seen), seen.Evidence.Requests);
        }
        Header(text, "teal_variant_errors_total", "counter", "Of those: 5xx, resets, timeouts.");
        foreach (var seen in variants)
        {
            Line(text, "teal_variant_errors_total", LabelsOf(seen), seen.Evidence.Errors);
        }
        Header(text, "teal_variant_milliseconds", "summary", "Of those: time to the head of the answer, since the server's start.");
        foreach (var (seen, quantile) in variants.SelectMany(_ => Quantiles, (seen, quantile) => (seen, quantile)))
        {
            if (seen.Evidence.Latency.Quantile(quantile) is { } milliseconds)
            {
                var labels = string.Create(CultureInfo.InvariantCulture, $"{LabelsOf(seen)},quantile=\"{quantile}\"");
                Line(text, "teal_variant_milliseconds", labels, milliseconds);
            }
        }
    }

    /// <summary>A variant of an imported document may have any name in printable ASCII.</summary>
    private static string LabelsOf(VariantAnswers seen) =>
        $"environment=\"{seen.Environment}\",flag=\"{seen.Flag}\",variant=\"{Escaped(seen.Variant)}\"";

    internal static string Escaped(string value) =>
        value
            .Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", @"\n", StringComparison.Ordinal);

    internal static void Header(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    internal static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {value}\n");
}
