using System.Text;
using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Mls;
using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.Proposals;
using Sotto.Mls.State;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Chat;

/// <summary>Alice makes a group, adds Bob and says hello.</summary>
public static class TwoPeople
{
    /// <summary>Runs the sample and gives what Bob read.</summary>
    public static string Run(DateTimeOffset now)
    {
        using var alice = new Device("alice@example.org");
        using var bob = new Device("bob@example.org");

        // Bob publishes a KeyPackage. Its private keys stay with him.
        using var bobs = bob.Client.CreateKeyPackage(Device.Suite, new KeyPackageParameters(bob.Key, bob.Credential, Lifetime.From(now, TimeSpan.FromDays(30))));
        var published = MlsMessage.Of(bobs.KeyPackage).Encoded.ToArray();

        // Alice creates a group: prepare, store, merge.
        using var created = alice.Client.CreateGroup(new GroupParameters(
            Device.Suite, new GroupId("a random id is better"u8.ToArray()), alice.Key, alice.Credential, Lifetime.From(now, TimeSpan.FromDays(30))));
        alice.Store(created);
        using var group = alice.Group = created.Group;

        // She checks what she fetched, and commits the Add.
        var fetched = alice.Client.Verify(MlsMessage.Decode(published).KeyPackage!, now);
        using var commit = group.PrepareCommit(new CommitParameters { Proposals = [new AddProposal(fetched)] }, now);
        alice.Store(commit);

        // The delivery service accepted commit.Message: the pending commit takes effect, and the Welcome may go to Bob.
        using var accepted = group.PrepareMergeOfPending();
        alice.Store(accepted);
        var welcome = MlsMessage.Of(commit.Welcome!).Encoded.ToArray();

        // Bob joins. Everything that RFC 9420 asks a joiner to check is checked here.
        using var joining = bob.Client.Join(MlsMessage.Decode(welcome).Welcome!, bobs);
        bob.Store(joining);
        using var bobsGroup = bob.Group = joining.Group;

        // A message: its bytes are handed out only after its change is stored and merged.
        using var hello = group.PrepareMessage("Hello Bob"u8);
        alice.Store(hello);
        using var received = bobsGroup.Receive(MlsMessage.Decode(hello.Message.Encoded.Span));
        bob.Store(received);
        return Encoding.UTF8.GetString(((ReceivedApplication)received).Data.Span);
    }

    /// <summary>One person's client with one group, and a store that is only a dictionary here.</summary>
    private sealed class Device : IAuthenticationService, IDisposable
    {
        private readonly Dictionary<StateKey, byte[]> _records = [];

        public Device(string name)
        {
            var provider = new NativeCryptoProvider();
            var scheme = new SignatureScheme(provider, Suite.Signature);
            using var privateKey = scheme.GeneratePrivateKey();
            Key = scheme.OpenPrivateKey(privateKey.Bytes);
            Credential = Credential.Basic(Encoding.UTF8.GetBytes(name));
            Client = new MlsClient(new MlsClientOptions
            {
                Provider = provider,
                Authentication = this,
                SignatureKeys = _ => Key,
                IsInGroup = id => Group?.GroupId == id,
            });
        }

        public static CipherSuite Suite => CipherSuite.XWingAes256Sha384Ed25519;

        public SigningKey Key { get; }

        public Credential Credential { get; }

        public MlsClient Client { get; }

        public MlsGroup? Group { get; set; }

        /// <summary>In an application: one transaction that also holds the message. Then, and only then, merge.</summary>
        public void Store(PreparedChange prepared)
        {
            foreach (var key in prepared.Change.Deleted)
                _records.Remove(key);
            foreach (var record in prepared.Change.Saved)
                _records[record.Key] = [.. record.Value];
            prepared.Merge();
        }

        // Who is who is the application's to say. This one believes everybody; a real one checks that the key belongs to the
        // name, and that a new leaf of a member (check.Replaced) keeps the name.
        public bool IsValid(CredentialCheck check) => check.Leaf.Credential is BasicCredential;

        public bool IsValidSender(ExternalSender sender) => false;

        public ReadOnlyMemory<byte> IdentifyClient(LeafNode leaf) => leaf.SignatureKey;

        public ReadOnlyMemory<byte> IdentifyMember(LeafNode leaf) => leaf.Credential.Encoded;

        public void Dispose() => Key.Dispose();
    }
}
