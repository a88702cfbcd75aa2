using System.Runtime.CompilerServices;
using Xunit.Sdk;
using Xunit.v3;

namespace Sotto.EndToEnd.Tests.Running;

/// <summary>A test of the tiers <c>all</c> and <c>soak</c>. In the quick tier it is not there at all, which is no skip.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer(typeof(SlowFactDiscoverer))]
public sealed class SlowFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    : FactAttribute(sourceFilePath, sourceLineNumber);

/// <summary>Finds slow tests only where the tier asks for them.</summary>
public sealed class SlowFactDiscoverer : FactDiscoverer
{
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute) =>
        Environment.GetEnvironmentVariable("SOTTO_TIER") is "all" or "soak"
            ? base.Discover(discoveryOptions, testMethod, factAttribute)
            : new([]);
}
