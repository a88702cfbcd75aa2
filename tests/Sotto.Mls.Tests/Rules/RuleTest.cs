using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.Tests.Groups;

namespace Sotto.Mls.Tests.Rules;

/// <summary>
/// What the tests of rules share: Alice, Bob and Charlie in one group, of whom Alice breaks rules on purpose. Her keys, tags
/// and signatures are right around the one thing that is wrong.
/// </summary>
public abstract class RuleTest : IDisposable
{
    private static readonly AsyncLocal<bool> Measured = new();

    private readonly List<IDisposable> _owned = [];
    private Person[]? _trio;

    private protected static SuiteCrypto Crypto { get; } = TestSuites.Crypto(CipherSuite.X25519Aes128Sha256Ed25519);

    private protected Person Alice => Trio[0];

    private protected Person Bob => Trio[1];

    private protected Person Charlie => Trio[2];

    private Person[] Trio => _trio ??= Gather(New("Alice"), New("Bob"), New("Charlie"));

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        GC.SuppressFinalize(this);
    }

    /// <summary>From here on in this flow a refusal must leave as many secrets in memory as before. Only for when nothing else runs.</summary>
    internal static void MeasureSecrets() => Measured.Value = true;

    private protected Person New(string name) => Own(new Person(name));

    private protected T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private protected Person[] Gather(params Person[] people) => Gather(Extensions.ExtensionList.Empty, people);

    /// <summary>Puts people into one group, whose first member creates it and adds the others one by one.</summary>
    private protected Person[] Gather(Extensions.ExtensionList extensions, params Person[] people)
    {
        people[0].Create(extensions);
        for (var i = 1; i < people.Length; i++)
        {
            var keys = Own(people[i].NewKeyPackage());
            var (commit, welcome) = people[0].Add((people[i], keys));
            foreach (var present in people[1..i])
                present.Receive<ReceivedCommit>(commit);
            people[i].Join(welcome!, keys);
        }

        return people;
    }

    private protected KeyPackageKeys KeyPackageOf(Person person) => Own(person.NewKeyPackage());

    private protected AddProposal AddOf(Person person) => new(KeyPackageOf(person).KeyPackage);

    private protected RawMessage RawOf(Person author) => new(author.Group, author.SigningKey);

    /// <summary>A message breaks a rule, is refused by it, changes nothing, and its good twin is accepted after it.</summary>
    private protected static void Refuses(MlsRule rule, Person victim, Func<bool, MlsMessage> make, bool direct = false)
    {
        var bad = make(true).Encoded.ToArray();
        Refused(rule, () => victim.Group.Receive(MlsMessage.Decode(bad)).Dispose(), direct, victim);
        using var good = victim.Group.Receive(MlsMessage.Decode(make(false).Encoded.Span));
        good.Merge();
    }

    /// <summary>
    /// An attack is refused by a rule and changes nobody's group. In the Defences configuration the same attack is then made
    /// with the rule switched off, and must not be refused by it: it is this check that stopped it.
    /// </summary>
    /// <param name="rule">The rule.</param>
    /// <param name="attack">What must be refused; it may be made twice.</param>
    /// <param name="direct">Whether this attack is refused where the code cannot go on, so that there is no control.</param>
    /// <param name="unchanged">Who keeps their group as it is.</param>
    private protected static void Refused(MlsRule rule, Action attack, bool direct = false, params Person[] unchanged)
    {
        var before = unchanged.Select(person => person.StateHash()).ToArray();
        var secrets = SecretPool.Shared.InUse;
        Assert.Equal(rule, Assert.Throws<MlsException>(attack).Rule);
        if (Measured.Value)
            Assert.Equal(secrets, SecretPool.Shared.InUse);
        Assert.Equal(before, unchanged.Select(person => person.StateHash()));
#if DEFENCES
        if (!direct && !RulesWithoutControl.Reasons.ContainsKey(rule))
            Control(rule, attack);
#endif
    }

#if DEFENCES
    private static void Control(MlsRule rule, Action attack)
    {
        using var off = DefenceSwitches.SwitchOff(rule);
        var ended = Record.Exception(attack);
        Assert.False(ended is MlsException { Rule: var by } && by == rule, $"With {rule} switched off it still refuses.");
    }
#endif
}
