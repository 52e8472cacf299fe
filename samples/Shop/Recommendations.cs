namespace Shop;

/// <summary>
/// What a visitor may like next. The new way is behind the flag <c>recommendations</c>, which Teal's proxy evaluates and hands over in a
/// header: the shop needs no SDK for it. It has a bug, so that a guarded rollout can be watched finding it.
/// </summary>
internal static class Recommendations
{
    private static long _asked;

    /// <summary>False: it could not be answered.</summary>
    public static bool TryRecommend(HttpRequest request, out string product)
    {
        product = "kettle";
        if (!IsOn(request.Headers["teal-flags"].ToString()))
        {
            return true;
        }
        product = "oolong";
        // "Cannot happen": every third visitor has no order to go by.
        return Interlocked.Increment(ref _asked) % 3 != 0;
    }

    /// <summary><c>checkout=on, recommendations=on</c></summary>
    private static bool IsOn(string flags) => flags.Split(", ").Contains("recommendations=on", StringComparer.Ordinal);
}
