using System.Diagnostics;
using Sotto.Crypto;
using Sotto.Crypto.Native;
using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Bench.Mls;

/// <summary>
/// Joining a group whose members' credentials hold device certificates: an account's signature over the device's key and
/// the device's countersignature, both checked for each leaf, as the messenger does.
/// </summary>
internal sealed class CertifiedJoin(CipherSuite suite, bool quick)
{
    public MlsFigure Measure(int size)
    {
        var certificates = new Certificates(suite);
        var others = Enumerable.Range(0, size - 1).Select(_ => new MlsMember(suite, certificates.Issue, certificates)).ToList();
        var keys = others.ConvertAll(other => other.NewKeyPackage());
        using var alice = new MlsMember(suite, certificates.Issue, certificates);
        alice.Create(new byte[16]);
        var (_, welcome) = alice.Add([.. keys.Select(key => Sotto.Mls.Framing.MlsMessage.Of(key.KeyPackage).Encoded.ToArray())]);

        var times = new List<double>();
        long allocated = 0;
        for (var round = 0; round < (quick ? 3 : 15); round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var start = Stopwatch.GetTimestamp();
            others[^1].Join(welcome, keys[^1]);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        var saved = others[^1].SavedBytes;
        others.ForEach(other => other.Dispose());
        keys.ForEach(key => key.Dispose());
        return new MlsFigure("join_certified", size, times, welcome.Length, allocated, saved);
    }

    /// <summary>One account key for all, which costs as much to check as one for each.</summary>
    private sealed class Certificates(CipherSuite suite) : IAuthenticationService
    {
        private static readonly NativeCryptoProvider Provider = new();
        private readonly SignatureScheme _scheme = new(Provider, suite.Signature);
        private readonly SigningKey _account = NewAccount(suite);

        public Credential Issue(SigningKey device)
        {
            var ofAccount = _account.Sign(device.PublicKey);
            var ofDevice = device.Sign(ofAccount);
            return Credential.Basic([.. _account.PublicKey, .. ofAccount, .. ofDevice]);
        }

        public bool IsValid(CredentialCheck check)
        {
            var certificate = ((BasicCredential)check.Leaf.Credential).Identity.Span;
            var key = check.Leaf.SignatureKey.Span;
            var signatures = certificate[_scheme.PublicKeyLength..];
            return _scheme.Verify(certificate[.._scheme.PublicKeyLength], key, signatures[..64]) && _scheme.Verify(key, signatures[..64], signatures[64..]);
        }

        public bool IsValidSender(ExternalSender sender) => true;

        public ReadOnlyMemory<byte> IdentifyClient(LeafNode leaf) => leaf.SignatureKey;

        public ReadOnlyMemory<byte> IdentifyMember(LeafNode leaf) => leaf.Credential.Encoded;

        private static SigningKey NewAccount(CipherSuite suite)
        {
            var scheme = new SignatureScheme(Provider, suite.Signature);
            using var key = scheme.GeneratePrivateKey();
            return scheme.OpenPrivateKey(key.Bytes);
        }
    }
}
