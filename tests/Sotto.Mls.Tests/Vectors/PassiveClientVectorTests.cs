using System.Text.Json;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;

namespace Sotto.Mls.Tests.Vectors;

/// <summary>A client that joins recorded groups and follows them (test-vectors.md, Passive Client Scenarios).</summary>
public sealed class PassiveClientVectorTests
{
    [Theory]
    [InlineData(MlsVectors.Official, "test-vectors/passive-client-welcome", 56)]
    [InlineData(MlsVectors.Official, "test-vectors/passive-client-handling-commit", 91)]
    [InlineData(MlsVectors.Official, "test-vectors/passive-client-random", 1)]
    [InlineData(MlsVectors.Official, "interop-passive/application", 42)]
    [InlineData(MlsVectors.Official, "interop-passive/branch", 224)]
    [InlineData(MlsVectors.Official, "interop-passive/commit", 308)]
    [InlineData(MlsVectors.Official, "interop-passive/external_join", 42)]
    [InlineData(MlsVectors.Official, "interop-passive/external_proposals", 196)]
    [InlineData(MlsVectors.Official, "interop-passive/reinit", 336)]
    [InlineData(MlsVectors.Official, "interop-passive/welcome_join", 56)]
    [InlineData(MlsVectors.TsMls, "passive-client-welcome", 8)]
    [InlineData(MlsVectors.TsMls, "passive-client-handling-commit", 23)]
    [InlineData(MlsVectors.TsMls, "passive-client-random", 2)]
    [InlineData(MlsVectors.Default, "passive-client-welcome", 8)]
    [InlineData(MlsVectors.Default, "passive-client-handling-commit", 23)]
    [InlineData(MlsVectors.Default, "passive-client-random", 2)]
    public void A_recorded_group_is_joined_and_followed(string origin, string subject, int cases) =>
        MlsVectors.RunAll(origin, subject, cases, (vector, suite) =>
        {
            using var client = new PassiveClient(vector, suite);
            client.Follow();
        });

    private sealed class PassiveClient : IDisposable
    {
        private readonly JsonElement _vector;
        private readonly SigningKey _signingKey;
        private readonly KeyPackageKeys _keyPackage;
        private readonly MlsClient _client;
        private readonly Hpke _hpke;

        public PassiveClient(JsonElement vector, CipherSuite suite)
        {
            _vector = vector;
            var crypto = TestSuites.Crypto(suite);
            _hpke = crypto.Hpke;
            _signingKey = crypto.Signatures.OpenPublished(vector.Hex("signature_priv"));
            var keyPackage = MlsMessage.Decode(vector.Hex("key_package")).KeyPackage!;
            _keyPackage = new KeyPackageKeys(keyPackage, HpkeKey("init_priv"), HpkeKey("encryption_priv"));
            Assert.Equal(keyPackage.InitKey.ToArray(), crypto.Hpke.PublicKey(_keyPackage.InitKey.Bytes));
            Assert.Equal(keyPackage.LeafNode.EncryptionKey.ToArray(), crypto.Hpke.PublicKey(_keyPackage.EncryptionKey.Bytes));
            Assert.Equal(keyPackage.LeafNode.SignatureKey.ToArray(), _signingKey.PublicKey.ToArray());

            var psks = new PskTable();
            foreach (var psk in vector.GetProperty("external_psks").EnumerateArray())
                psks.External[Convert.ToHexString(psk.Hex("psk_id"))] = psk.Hex("psk");
            _client = new MlsClient(new MlsClientOptions
            {
                IsInGroup = _ => false,
                Provider = TestSuites.Provider,
                Authentication = new TrustingAuthentication(),
                SignatureKeys = _ => _signingKey,
                Policy = OpenPolicy.Instance,
                PreSharedKeys = psks,
                Suites = [suite],
                Extensions = [.. keyPackage.LeafNode.Capabilities.Extensions],
                Proposals = [.. keyPackage.LeafNode.Capabilities.Proposals],
                Limits = MlsLimits.Default with { KeyPackageLifetime = TimeSpan.MaxValue, PastResumptionPsks = 20 },
            });
        }

        public void Follow()
        {
            var welcome = MlsMessage.Decode(_vector.Hex("welcome")).Welcome!;
            ReadOnlyMemory<byte>? tree = _vector.OptionalHex("ratchet_tree") is { } bytes ? bytes : null;
            using var joining = _client.Join(welcome, _keyPackage, tree);
            joining.Merge();
            using var group = joining.Group;
            Assert.Equal(_vector.Hex("initial_epoch_authenticator"), group.EpochAuthenticator.ToArray());

            foreach (var epoch in _vector.GetProperty("epochs").EnumerateArray())
            {
                foreach (var proposal in epoch.GetProperty("proposals").EnumerateArray())
                    Receive<ReceivedProposal>(group, proposal.Hex());
                Receive<ReceivedCommit>(group, epoch.Hex("commit"));
                Assert.Equal(epoch.Hex("epoch_authenticator"), group.EpochAuthenticator.ToArray());
                Assert.True(group.Current.PrivateKeys.Fit(group.Current.Crypto, group.Current.Tree));
            }
        }

        public void Dispose()
        {
            _keyPackage.Dispose();
            _signingKey.Dispose();
        }

        private Secret HpkeKey(string name) => Secret.CopyOf(TestSuites.PublishedKey(_vector.Hex(name), _hpke.PrivateKeyLength));

        private static void Receive<T>(MlsGroup group, byte[] message)
            where T : ReceivedMessage
        {
            using var received = Assert.IsType<T>(group.Receive(MlsMessage.Decode(message)));
            received.Merge();
        }
    }
}
