namespace Teal.Traffic.Proxying;

/// <summary>What Teal says itself. The codes are explained in docs/errors.md.</summary>
internal static class Refusals
{
    public static readonly Refusal NoRoute = new(404, "TEAL4000", "No service has this host and path.");
    public static readonly Refusal NoPreview = new(403, "TEAL4030", "This token does not open the preview.");
    public static readonly Refusal NothingToPreview = new(503, "TEAL4031", "No version is waiting behind the preview.");
    public static readonly Refusal HeldProbe = new(200, "TEAL4019", "The service is held.");

    public static readonly Refusal TooLarge = new(413, "TEAL4007", "The body is larger than this service takes.", Closes: true);
    public static readonly Refusal SlowUpload = new(408, "TEAL4008", "The body came too slowly.", Closes: true);
    public static readonly Refusal BadBody = new(400, "TEAL4009", "The body could not be read.", Closes: true);

    public static readonly Refusal NoVersion = new(503, "TEAL4010", "No version of this service is running.", RetryAfterSeconds: 5);
    public static readonly Refusal Maintenance = new(503, "TEAL4011", "The service is in maintenance.", RetryAfterSeconds: 60);
    public static readonly Refusal HoldOverflow = new(503, "TEAL4012", "Too many requests wait for this service.", RetryAfterSeconds: 5);
    public static readonly Refusal HoldTooOld = new(503, "TEAL4013", "The service was held for too long.", RetryAfterSeconds: 5);
    public static readonly Refusal Removed = new(503, "TEAL4014", "The service was taken away.", RetryAfterSeconds: 5);

    public static readonly Refusal Unreachable = new(502, "TEAL4020", "The application could not be reached.");
    public static readonly Refusal NoAnswer = new(502, "TEAL4021", "The application did not answer.");
    public static readonly Refusal TooLate = new(504, "TEAL4022", "The application did not answer in time.");
    public static readonly Refusal Cut = new(
        503,
        "TEAL4023",
        "The version that had this request was replaced.",
        Closes: true,
        RetryAfterSeconds: 1
    );
}
