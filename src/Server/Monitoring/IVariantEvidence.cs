using Teal.Analysis;

namespace Teal.Server.Monitoring;

/// <summary>What was seen of a flag's variants: answers at the edge, outcomes that clients reported.</summary>
public interface IVariantEvidence
{
    /// <summary>Cumulative since the server's start; null when nothing is known of the variant.</summary>
    ArmEvidence? Read(string environment, string flag, string variant);
}
