namespace Sotto.Bench;

/// <summary>What a run measures and how long.</summary>
/// <param name="Quick">Fewer and shorter rounds.</param>
/// <param name="Root">The repository.</param>
/// <param name="Python">An interpreter that has cryptography, or null.</param>
/// <param name="Aot">The NativeAOT folder, or null.</param>
internal sealed record Plan(bool Quick, string Root, string? Python, string? Aot)
{
    /// <summary>At least five, so that a median can throw two bad ones away.</summary>
    public int Rounds => Quick ? 5 : 7;

    /// <summary>How long one sample of a short operation lasts, in seconds.</summary>
    public double Sample => Quick ? 0.03 : 0.12;
}
