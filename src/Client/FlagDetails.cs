namespace Teal.Client;

/// <summary>What a flag is, and why.</summary>
/// <param name="Value">The variant's, or the code's own default when there is none.</param>
/// <param name="Variant">Null when the code's own default applies.</param>
/// <param name="Reason">OpenFeature's word: <c>STATIC</c>, <c>TARGETING_MATCH</c>, <c>DEFAULT</c>, <c>DISABLED</c>, <c>ERROR</c>.</param>
/// <param name="ErrorCode">
/// OpenFeature's word, null when nothing failed: <c>FLAG_NOT_FOUND</c>, <c>TYPE_MISMATCH</c>, <c>PARSE_ERROR</c>, <c>GENERAL</c>, and
/// <c>PROVIDER_NOT_READY</c> before there are any flags.
/// </param>
public readonly record struct FlagDetails<T>(T Value, string? Variant, string Reason, string? ErrorCode);
