using System.Text;
using Teal.Releases.Rollouts;
using Teal.Wire;

namespace Teal.Server.Endpoints;

/// <summary>What applications report, in Prometheus' text format. Its labels are environments, reasons, flags that rolled out and their two variants.</summary>
internal static class ClientMetrics
{
    public static string Write(IReadOnlyList<ClientReportsView> counts, IReadOnlyDictionary<RolloutKey, RolloutClientsView> rollouts)
    {
        var text = new StringBuilder();
        Count(text, "teal_flag_exposures_total", "Exposures that clients reported.", counts, static it => it.Exposures);
        Count(text, "teal_flag_outcomes_total", "Outcomes that clients reported.", counts, static it => it.Outcomes);
        Count(text, "teal_flag_events_dropped_total", "Events that clients had no room for.", counts, static it => it.Dropped);
        Count(text, "teal_flag_batches_repeated_total", "Batches that came again and counted once.", counts, static it => it.Repeated);
        MetricsEndpoints.Header(text, "teal_flag_events_refused_total", "counter", "Events that do not count.");
        foreach (var (environment, reason, count) in counts.SelectMany(it => it.Refused, (it, why) => (it.Environment, why.Key, why.Value)))
        {
            MetricsEndpoints.Line(text, "teal_flag_events_refused_total", $"environment=\"{environment}\",reason=\"{reason}\"", count);
        }
        Rollouts(text, rollouts);
        return text.ToString();
    }

    private static void Count(
        StringBuilder text,
        string name,
        string help,
        IReadOnlyList<ClientReportsView> counts,
        Func<ClientReportsView, long> figure
    )
    {
        MetricsEndpoints.Header(text, name, "counter", help);
        foreach (var it in counts)
        {
            MetricsEndpoints.Line(text, name, $"environment=\"{it.Environment}\"", figure(it));
        }
    }

    private static void Rollouts(StringBuilder text, IReadOnlyDictionary<RolloutKey, RolloutClientsView> rollouts)
    {
        Variants(text, "teal_rollout_units", "gauge", "Users who are known to have the variant.", rollouts, static it => it.Units);
        Variants(
            text,
            "teal_rollout_outcomes",
            "gauge",
            "Outcomes of users of the variant, since the rollout began.",
            rollouts,
            static it => it.Outcomes
        );
        Variants(text, "teal_rollout_outcomes_failed", "gauge", "Of those: failed.", rollouts, static it => it.Failed);
        MetricsEndpoints.Header(text, "teal_rollout_outcomes_unmatched", "gauge", "Outcomes of users who are not known to have a variant.");
        foreach (var (key, view) in rollouts)
        {
            MetricsEndpoints.Line(text, "teal_rollout_outcomes_unmatched", LabelsOf(key), view.Unmatched);
        }
        MetricsEndpoints.Header(text, "teal_rollout_units_forgotten", "gauge", "Users who had to make room for others.");
        foreach (var (key, view) in rollouts)
        {
            MetricsEndpoints.Line(text, "teal_rollout_units_forgotten", LabelsOf(key), view.Forgotten);
        }
    }

    private static void Variants(
        StringBuilder text,
        string name,
        string type,
        string help,
        IReadOnlyDictionary<RolloutKey, RolloutClientsView> rollouts,
        Func<VariantReportsView, long> figure
    )
    {
        MetricsEndpoints.Header(text, name, type, help);
        foreach (var (key, it) in rollouts.SelectMany(pair => pair.Value.Variants, (pair, it) => (pair.Key, it)))
        {
            MetricsEndpoints.Line(text, name, $"{LabelsOf(key)},variant=\"{MetricsEndpoints.Escaped(it.Variant)}\"", figure(it));
        }
    }

    private static string LabelsOf(RolloutKey key) => $"environment=\"{key.Environment}\",flag=\"{key.Flag}\"";
}
