using System.Runtime.CompilerServices;
using Chat;
using Sotto.Mls.Framing;
using Sotto.Mls.State;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Samples;

public sealed class SampleTests
{
    [Fact]
    public void The_sample_of_the_documents_runs() =>
        Assert.Equal("Hello Bob", TwoPeople.Run(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void The_sample_of_a_longer_life_runs()
    {
        using var alice = new Person("Alice");
        using var bob = new Person("Bob");
        using var charlie = new Person("Charlie");
        var stored = new Dictionary<StateKey, byte[]>();
        var (anns, bobs, charlies) = (LifeOf(alice, []), LifeOf(bob, stored), LifeOf(charlie, []));
        alice.Psks.External["01"] = bob.Psks.External["01"] = charlie.Psks.External["01"] = new byte[32];
        alice.Create();
        using var keys = bob.NewKeyPackage();
        var (_, welcome) = alice.Add((bob, keys));

        using var joined = bobs.Join(MlsMessage.Of(welcome!).Encoded.Span, keys.Encode());
        using var restarted = bobs.Load(stored);
        var hello = anns.Say(alice.Group, "hello");
        Assert.Equal("hello", bobs.Receive(restarted, hello));
        Assert.StartsWith("opened before", bobs.Receive(restarted, hello), StringComparison.Ordinal);

        var info = MlsMessage.Of(alice.Group.MakeGroupInfo()).Encoded;
        var (group, commit) = charlies.JoinFromOutside(info.Span, charlie.SigningKey, charlie.Credential);
        using var charliesGroup = group;
        Assert.Equal("epoch 2, 3 members", anns.Receive(alice.Group, commit));
        Assert.StartsWith("of an epoch", bobs.Receive(restarted, anns.Say(alice.Group, "early")), StringComparison.Ordinal);
        Assert.Equal("epoch 2, 3 members", bobs.Receive(restarted, commit));

        var mixed = anns.MixIn(alice.Group, [1], Person.Now);
        anns.Accepted(alice.Group);
        Assert.Equal("epoch 3, 3 members", bobs.Receive(restarted, mixed));
        Assert.Equal("epoch 3, 3 members", charlies.Receive(group, mixed));
        var removes = anns.Remove(alice.Group, charlie.Credential, Person.Now);
        Assert.StartsWith("removed", charlies.Receive(group, removes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TwoPeople.cs")]
    [InlineData("LongerLife.cs")]
    public void The_documents_show_the_samples_that_are_compiled(string file)
    {
        var folder = Path.GetDirectoryName(ThisFile())!;
        var sample = File.ReadAllText(Path.Combine(folder, "../../../samples/Sotto.Mls.Samples", file)).Trim();
        var document = File.ReadAllText(Path.Combine(folder, "../../../docs/mls.md"));
        Assert.Contains($"```csharp\n{sample}\n```", document, StringComparison.Ordinal);
    }

    private static LongerLife LifeOf(Person person, Dictionary<StateKey, byte[]> stored) => new(person.Client, change =>
    {
        foreach (var key in change.Deleted)
            stored.Remove(key);
        foreach (var record in change.Saved)
            stored[record.Key] = [.. record.Value];
    });

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
