using System.Reflection;
using Sotto.Mls.Tests.Rules;

namespace Sotto.Mls.Tests.Deletion;

/// <summary>Tests that count all secrets of the process, so that nothing else may run beside them.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>No refusal leaves a secret behind: every test of a rule runs again with the secrets in memory counted.</summary>
[Collection(nameof(AloneCollection))]
public sealed class LeftSecretTests
{
    public static TheoryData<MlsRule> Rules { get; } = [.. Enum.GetValues<MlsRule>()];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_refusal_leaves_no_secret_behind(MlsRule rule)
    {
        RuleTest.MeasureSecrets();
        var tests = TestsOf(rule).ToList();
        Assert.NotEmpty(tests);
        foreach (var (method, row) in tests)
        {
            using var test = (RuleTest)Activator.CreateInstance(method.DeclaringType!)!;
            method.Invoke(test, BindingFlags.DoNotWrapExceptions, null, row, null);
        }
    }

    private static IEnumerable<(MethodInfo Method, object?[] Row)> TestsOf(MlsRule rule) => typeof(RuleTest).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(RuleTest)))
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttributesData().Any(attribute =>
            attribute.AttributeType == typeof(TraitAttribute) && (string?)attribute.ConstructorArguments[1].Value == rule.ToString()))
        .SelectMany(method => RowsOf(method).Select(row => (method, row)));

    private static IEnumerable<object?[]> RowsOf(MethodInfo method)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        return types.Length == 0
            ? [[]]
            : method.GetCustomAttributes<InlineDataAttribute>().Select(row => row.Data.Select((value, i) => Converted(value, types[i])).ToArray());
    }

    /// <summary>A value of an attribute as the parameter's type, as the test runner converts it.</summary>
    private static object? Converted(object? value, Type type) =>
        value is null || type.IsInstanceOfType(value) ? value
        : type.IsEnum ? Enum.ToObject(type, value)
        : Convert.ChangeType(value, type, System.Globalization.CultureInfo.InvariantCulture);
}
