namespace Teal.Flags;

/// <summary>How much of everything a set of flags may have. Far above what people write, far below what would make anything slow.</summary>
public static class FlagLimits
{
    public const int Environments = 32;
    public const int Flags = 20_000;
    public const int Segments = 2_000;
    public const int Holdouts = 100;
    public const int Users = 100_000;
    public const int UserCharacters = 256;
    public const int Variants = 100;
    public const int Rules = 100;
    public const int Slices = 20;
    public const int Values = 1_000;
    public const int ValueCharacters = 64 * 1024;
    public const int OperandCharacters = 1_024;
    public const int ConditionDepth = 8;
    public const int ConditionParts = 100;
    public const int Requires = 8;
    public const int Links = 20;
    public const int Tags = 20;
    public const int Schedule = 50;
    public const int OwnerCharacters = 200;
    public const int DescriptionCharacters = 2_000;
    public const int SaltCharacters = 128;

    /// <summary>Nodes of a flag's targeting with segments and required flags written out.</summary>
    public const int CompiledNodes = 50_000;
}
