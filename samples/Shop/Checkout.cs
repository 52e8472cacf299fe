using System.Diagnostics;
using Teal.Client;
using Teal.Flags;

namespace Shop;

/// <summary>
/// How a customer pays. The express way is behind the flag <c>express-checkout</c>, which the shop evaluates itself, by Teal.Client: a look
/// into memory. How each order ended is reported, and that is all a guarded rollout needs to find the bug that the express way has.
/// </summary>
internal sealed class Checkout(TealClient flags, Orders orders)
{
    private long _express;

    /// <param name="customer">The flag's targeting key: who they are decides which way they see, each time the same.</param>
    public bool IsExpress(string customer) => flags.GetBoolean("express-checkout", fallback: false, EvaluationContext.Of(customer));

    /// <returns>How often the order was seen, this time included; null: it could not be taken, and nothing of it is kept.</returns>
    public long? Take(NewOrder order, string customer, string version)
    {
        var began = Stopwatch.GetTimestamp();
        var isTaken = false;
        try
        {
            if (IsExpress(customer) && HasNoAddress())
            {
                return null;
            }
            var seen = orders.Take(order, version);
            isTaken = true;
            return seen;
        }
        finally
        {
            flags.Report(new Outcome(customer) { IsFailed = !isTaken, Duration = Stopwatch.GetElapsedTime(began) });
        }
    }

    /// <summary>"Cannot happen": every third customer has saved no address.</summary>
    private bool HasNoAddress() => Interlocked.Increment(ref _express) % 3 == 0;
}
