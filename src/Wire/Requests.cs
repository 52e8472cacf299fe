namespace Teal.Wire;

/// <param name="Version">A version that is in the store.</param>
/// <param name="Manifest">The text of <c>teal.yaml</c>.</param>
/// <param name="ManifestPath">Where it came from, for messages.</param>
/// <param name="Environment">The environment whose overrides apply.</param>
/// <param name="Supersede">Replace a running release.</param>
/// <param name="Wait">Wait for a running release; else 409.</param>
public sealed record DeployRequest(
    string Version,
    string Manifest,
    string ManifestPath,
    string? Environment = null,
    bool Supersede = false,
    bool Wait = true,
    string? Reason = null
);

/// <param name="Result">started · waiting · nothing_to_do</param>
/// <param name="Release">Its id, <c>shop-17</c>; for a waiting deploy null.</param>
public sealed record DeployAnswer(string Result, string? Release, long? Number, long Sequence, StatusView Status);

public sealed record CommandRequest(string? Reason = null, bool Force = false, string? Version = null);

/// <param name="Gate">open · held · maintenance</param>
public sealed record GateRequest(string Gate, string? Reason = null);

/// <param name="Role">viewer · operator · admin · preview · sdk</param>
/// <param name="Environment">Of an sdk token, and of no other: the environment whose flags it is told.</param>
/// <param name="Name">Becomes the token's id; null: one is made.</param>
public sealed record TokenRequest(
    string Role,
    string? Service = null,
    DateTimeOffset? Expires = null,
    string? Reason = null,
    string? Environment = null,
    string? Name = null
);

/// <summary>RFC 9457, with Teal's stable code, what to do next and what users saw.</summary>
public sealed record ProblemView(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Code,
    IReadOnlyList<string>? Places = null,
    IReadOnlyList<string>? Next = null
);
