using Teal.Releases;
using Teal.Wire;

namespace Teal.Server.Views;

/// <summary>A plan as it is read.</summary>
public static class PlanViews
{
    public static PlanView Of(ServiceState? state, Manifest manifest, string version)
    {
        var plan = ReleasePlanner.Plan(state, manifest, version);
        return new PlanView(
            StatusViews.FormatVersion,
            manifest.Service,
            plan.From,
            version,
            [
                .. plan.Lines.Select(line => new PlanLineView(
                    line.Number,
                    line.What,
                    line.Back.ToString().ToLowerInvariant(),
                    line.Why,
                    line.Guard,
                    line.AtLeast is { } takes ? (long)takes.TotalMilliseconds : null
                )),
            ],
            plan.PointOfNoReturn,
            plan.Notes,
            plan.Changes,
            plan.Changes ? ["teal deploy"] : ["teal status"]
        );
    }
}
