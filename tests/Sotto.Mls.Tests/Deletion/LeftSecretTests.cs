using System.Reflection;
using Sotto.Mls.Groups;
using Sotto.Mls.Proposals;
using Sotto.Mls.Tests.Groups;
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

    [Fact]
    public void The_whole_life_of_a_group_leaves_no_secret_behind()
    {
        var before = SecretPool.Shared.InUse;
        using (var alice = new Person("Alice"))
        using (var bob = new Person("Bob"))
        using (var charlie = new Person("Charlie"))
        using (var keys = bob.NewKeyPackage())
        {
            alice.Create();
            bob.Join(alice.Add((bob, keys)).Welcome!, keys);
            var joins = charlie.JoinExternally(alice.Group.MakeGroupInfo());
            alice.Receive<ReceivedCommit>(joins);
            bob.Receive<ReceivedCommit>(joins);
            alice.Read(bob.Say("hello"));
            var late = Enumerable.Range(0, 4).Select(i => bob.Say($"{i}")).ToArray();
            alice.Read(late[3]);

            // An own Update that somebody else commits, and a pending commit that loses against it.
            var update = bob.ProposeUpdate();
            alice.Receive<ReceivedProposal>(update);
            charlie.Receive<ReceivedProposal>(update);
            bob.PrepareCommit();
            var (commit, _) = alice.Commit();
            bob.Receive<ReceivedCommit>(commit);
            charlie.Receive<ReceivedCommit>(commit);

            // A pending commit that is dropped, and one that is merged after a restart.
            bob.PrepareCommit();
            bob.DropPending();
            (commit, _) = bob.PrepareCommit();
            bob.Restart();
            bob.MergePending();
            alice.Receive<ReceivedCommit>(commit);
            charlie.Receive<ReceivedCommit>(commit);

            // What is prepared or received and not merged.
            bob.Group.PrepareMessage("never sent"u8).Dispose();
            bob.Group.PrepareUpdate().Dispose();
            bob.Group.PrepareCommit(null, Person.Now).Dispose();
            alice.Group.Receive(bob.Say("not merged")).Dispose();
            (commit, _) = alice.Commit(new CommitParameters { Proposals = [new RemoveProposal(charlie.Group.OwnIndex)] });
            bob.Group.Receive(commit).Dispose();
            charlie.Group.Receive(commit).Dispose();
            charlie.Receive<ReceivedCommit>(commit);
        }

        Assert.Equal(before, SecretPool.Shared.InUse);
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
