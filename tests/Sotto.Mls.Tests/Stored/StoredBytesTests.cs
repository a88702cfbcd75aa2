using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Sotto.Crypto.Native;
using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.State;
using Sotto.Mls.Trees;

namespace Sotto.Mls.Tests.Stored;

/// <summary>
/// What is stored keeps its bytes: a group is made from a fixed random stream, and every record is held against the
/// committed file. A change of format needs a new format number and a new file beside the old one, which stays readable.
/// With SOTTO_WRITE_SNAPSHOTS=1 the file is written instead.
/// </summary>
public sealed class StoredBytesTests
{
    private const string FileName = "stored-format-1.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public void Every_stored_record_has_the_committed_bytes()
    {
        using var scene = new Scene();
        var made = scene.Make();
        var path = Path.Combine(SourceFolder(), FileName);
        if (Environment.GetEnvironmentVariable("SOTTO_WRITE_SNAPSHOTS") == "1")
            File.WriteAllText(path, JsonSerializer.Serialize(made, Indented) + "\n");

        var committed = JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(path))!;
        Assert.Equal(committed.Keys, made.Keys);
        Assert.All(committed, record => Assert.True(record.Value == made[record.Key], $"{record.Key} is stored in another way."));
        Assert.Equal(
            Enum.GetValues<StateKind>().Select(kind => kind.ToString()).Order(),
            committed.Keys.Where(key => key.Contains('/', StringComparison.Ordinal)).Select(key => key.Split('/')[0]).Distinct().Order());
    }

    [Fact]
    public void A_group_that_was_stored_in_format_1_is_loaded_and_goes_on()
    {
        var committed = JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(Path.Combine(SourceFolder(), FileName)))!;
        using var scene = new Scene();
        using var group = scene.Load(committed);
        Assert.Equal(committed["epoch authenticator"], Convert.ToHexString(group.EpochAuthenticator.Span));
        Assert.True(group.HasPendingCommit);
        Assert.Single(group.WaitingProposals);

        using var late = group.Receive(MlsMessage.Decode(Convert.FromHexString(committed["late message"])));
        Assert.Equal("late"u8.ToArray(), Assert.IsType<ReceivedApplication>(late).Data.ToArray());
        using var keyPackage = KeyPackageKeys.Decode(Convert.FromHexString(committed["key package"]));
        Assert.Equal(committed["key package"], Convert.ToHexString(keyPackage.Encode()));
        using var merging = group.PrepareMergeOfPending();
        merging.Merge();
        Assert.Equal(new Epoch(4), group.Epoch);
    }

    [Fact]
    public void A_record_of_an_unknown_format_is_refused()
    {
        var committed = JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(Path.Combine(SourceFolder(), FileName)))!;
        using var scene = new Scene();
        var key = committed.Keys.First(key => key.StartsWith("Group/", StringComparison.Ordinal));
        committed[key] = "02" + committed[key][2..];
        Assert.Equal(MlsRule.StoredFormat, Assert.Throws<MlsException>(() => scene.Load(committed)).Rule);
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    /// <summary>Alice's group with Bob: a past epoch with a late message, a waiting proposal and a pending commit.</summary>
    private sealed class Scene : IDisposable
    {
        private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        private static readonly CipherSuite Suite = CipherSuite.X25519Aes128Sha256Ed25519;

        private readonly NativeCryptoProvider _provider;
        private readonly SigningKey _aliceKey;
        private readonly SigningKey _bobKey;
        private readonly MlsClient _alice;
        private readonly MlsClient _bob;
        private readonly Dictionary<StateKey, byte[]> _stored = [];

        public Scene()
        {
            var counter = 0;
            _provider = new NativeCryptoProvider(destination =>
            {
                Span<byte> input = stackalloc byte[4];
                while (!destination.IsEmpty)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(input, counter++);
                    var block = SHA256.HashData(input);
                    var taken = Math.Min(block.Length, destination.Length);
                    block.AsSpan(0, taken).CopyTo(destination);
                    destination = destination[taken..];
                }
            });
            _aliceKey = NewKey();
            _bobKey = NewKey();
            _alice = NewClient(_aliceKey);
            _bob = NewClient(_bobKey);
        }

        public SortedDictionary<string, string> Make()
        {
            using var alice = CreateAlice();
            using var keyPackage = KeyPackageOf(_bob, _bobKey, "Bob");
            var verified = _alice.Verify(KeyPackage.Decode(keyPackage.KeyPackage.Encoded.Span), Now);
            var welcome = Commit(alice, new CommitParameters { Proposals = [new AddProposal(verified)] }).Welcome!;
            using var joining = _bob.Join(welcome, keyPackage);
            joining.Merge();
            using var bob = joining.Group;

            Receive(alice, Say(bob, "read"));
            var late = Say(bob, "late");
            var last = Say(bob, "last");
            ReceiveOnly(bob, Commit(alice).Message);
            ReceiveOnly(bob, Commit(alice).Message);
            Receive(alice, last);
            using (var update = bob.PrepareUpdate())
            {
                update.Merge();
                Receive(alice, update.Message);
            }

            using (var pending = alice.PrepareCommit(new CommitParameters(), Now))
                Store(pending);

            var made = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["epoch authenticator"] = Convert.ToHexString(alice.EpochAuthenticator.Span),
                ["late message"] = Convert.ToHexString(late.Encoded.Span),
                ["key package"] = Convert.ToHexString(keyPackage.Encode()),
            };
            foreach (var (key, value) in _stored)
                made[$"{key.Kind}/{key.Epoch}/{key.Index}"] = Convert.ToHexString(value);
            return made;
        }

        public MlsGroup Load(SortedDictionary<string, string> committed) => _alice.Load(
            from record in committed
            where record.Key.Contains('/', StringComparison.Ordinal)
            let parts = record.Key.Split('/')
            select new StateRecord(new StateKey(Enum.Parse<StateKind>(parts[0]), ulong.Parse(parts[1]), uint.Parse(parts[2])), Convert.FromHexString(record.Value)));

        public void Dispose()
        {
            _aliceKey.Dispose();
            _bobKey.Dispose();
        }

        private SigningKey NewKey()
        {
            // Signature keys come from the same fixed stream.
            var seed = new byte[Sizes.Ed25519Seed];
            _provider.FillRandom(seed);
            return new SignatureScheme(_provider, SignatureAlgorithm.Ed25519).OpenPrivateKey(seed);
        }

        private MlsClient NewClient(SigningKey key) => new(new MlsClientOptions
        {
            IsInGroup = _ => false,
            Provider = _provider,
            Authentication = new TrustingAuthentication(),
            SignatureKeys = _ => key,
            Suites = [Suite],
            Extensions = [ExtensionTypes.AppDataDictionary],
        });

        private MlsGroup CreateAlice()
        {
            var parameters = new GroupParameters(Suite, new GroupId("stored"u8.ToArray()), _aliceKey, Credential.Basic("Alice"u8), Lifetime.From(Now, TimeSpan.FromDays(30)));
            using var created = _alice.CreateGroup(parameters);
            Store(created);
            return created.Group;
        }

        private static KeyPackageKeys KeyPackageOf(MlsClient client, SigningKey key, string name) => client.CreateKeyPackage(
            Suite, new KeyPackageParameters(key, Credential.Basic(System.Text.Encoding.UTF8.GetBytes(name)), Lifetime.From(Now, TimeSpan.FromDays(30))).AsLastResort());

        private (MlsMessage Message, Welcome? Welcome) Commit(MlsGroup group, CommitParameters? parameters = null)
        {
            using var commit = group.PrepareCommit(parameters, Now);
            Store(commit);
            using var merging = group.PrepareMergeOfPending();
            Store(merging);
            return (commit.Message, commit.Welcome);
        }

        private static MlsMessage Say(MlsGroup group, string text)
        {
            using var message = group.PrepareMessage(System.Text.Encoding.UTF8.GetBytes(text));
            message.Merge();
            return message.Message;
        }

        private void Receive(MlsGroup group, MlsMessage message)
        {
            using var received = group.Receive(message);
            Store(received);
        }

        private static void ReceiveOnly(MlsGroup group, MlsMessage message)
        {
            using var received = group.Receive(message);
            received.Merge();
        }

        private void Store(PreparedChange change)
        {
            foreach (var key in change.Change.Deleted)
                _stored.Remove(key);
            foreach (var record in change.Change.Saved)
                _stored[record.Key] = [.. record.Value];
            change.Merge();
        }
    }
}
