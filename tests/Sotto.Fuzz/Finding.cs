using System.Diagnostics.CodeAnalysis;

namespace Sotto.Fuzz;

/// <summary>A property that does not hold for an input. Any other exception that leaves a target is a finding too.</summary>
internal sealed class FindingException(string what) : Exception(what)
{
    public static void ThrowUnless([DoesNotReturnIf(false)] bool holds, string what)
    {
        if (!holds)
            throw new FindingException(what);
    }
}
