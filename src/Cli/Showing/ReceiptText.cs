using Teal.Wire;

namespace Teal.Cli.Showing;

/// <summary>A receipt as a sum that the reader can check.</summary>
internal static class ReceiptText
{
    /// <summary><c>1,234 requests = 800 by v1 + 430 by v2 + 4 client gone</c></summary>
    public static string Sum(ReceiptView receipt)
    {
        var terms = receipt
            .Served.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (Count: pair.Value, Words: $"by {pair.Key}"))
            .Append((Count: receipt.ClientGone, Words: "client gone"))
            .Concat(Bad(receipt))
            .Append((Count: receipt.Open, Words: "still inside"))
            .Where(term => term.Count != 0)
            .Select(term => $"{ReleaseText.Number(term.Count)} {term.Words}");
        var sum = string.Join(" + ", terms);
        return $"{ReleaseText.Number(receipt.CarriedIn + receipt.Accepted)} requests = {(sum.Length == 0 ? "0" : sum)}";
    }

    /// <summary>Which buckets the failed requests are in, in brackets; nothing when there are none.</summary>
    public static string Blame(ReceiptView receipt)
    {
        var terms = Bad(receipt).Where(term => term.Count != 0).Select(term => $"{ReleaseText.Number(term.Count)} {term.Words}").ToList();
        return terms.Count == 0 ? "" : $" ({string.Join(", ", terms)})";
    }

    /// <summary>Counted again here: the reader of a receipt does not trust its writer.</summary>
    public static bool IsSound(ReceiptView receipt) =>
        receipt is { AddsUp: true, Dropped: 0 }
        && receipt.CarriedIn + receipt.Accepted
            == receipt.Served.Values.Sum()
                + receipt.ClientGone
                + receipt.Shed.Values.Sum()
                + receipt.Failed.Values.Sum()
                + receipt.CutCount
                + receipt.Open;

    private static IEnumerable<(long Count, string Words)> Bad(ReceiptView receipt) =>
        receipt
            .Failed.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Value, $"failed by {pair.Key}"))
            .Concat(receipt.Shed.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Value, $"shed: {pair.Key}")))
            .Append((receipt.CutCount, "cut at the drain deadline"))
            .Append((receipt.Dropped, "dropped"));
}
