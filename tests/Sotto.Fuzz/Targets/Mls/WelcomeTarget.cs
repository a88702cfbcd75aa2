using Sotto.Crypto;
using Sotto.Mls;
using Sotto.Mls.Framing;
using Sotto.Mls.Groups;
using Sotto.Mls.Presentation;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;

namespace Sotto.Fuzz.Targets.Mls;

/// <summary>
/// A Welcome for the outsider's KeyPackage. The first byte chooses whether the rest is a Welcome, patches to the true one,
/// to the GroupSecrets or to the GroupInfo in it, both encrypted again, or to the GroupInfo's fields, which then get the
/// signature and the confirmation tag that a dishonest member would give them.
/// </summary>
internal static class WelcomeTarget
{
    private static readonly Lazy<Scene> _scene = new(() => new Scene(MlsScene.Instance));

    internal enum Kind : byte
    {
        Raw,
        Patched,
        Secrets,
        Info,
        InfoFields,
    }

    public static void Run(ReadOnlySpan<byte> input)
    {
        var scene = _scene.Value;
        MlsScene.Instance.Restart();
        var reader = new InputReader(input);
        var kind = (Kind)(reader.Byte() % 5);
        var isTrue = kind != Kind.Raw && reader.Rest.IsEmpty;
        try
        {
            var welcome = scene.Make(kind, ref reader);
            using var joining = MlsScene.Instance.Outsider.Client.Join(welcome, MlsScene.Instance.OutsiderKeys);
        }
        catch (MlsException refused)
        {
            FindingException.ThrowUnless(!isTrue, $"the true Welcome was refused: {refused.Rule}");
        }
    }

    public static byte[] TrueWelcome => MlsMessage.Of(_scene.Value.True).Encoded[4..].ToArray();

    /// <summary>How long what can be patched is: the GroupSecrets, the GroupInfo, and its fields.</summary>
    public static (int Secrets, int Info, int InfoFields) Lengths
    {
        get
        {
            var scene = _scene.Value;
            return (scene.Secrets.Length, scene.Info.Length, scene.InfoFields.Length);
        }
    }

    /// <summary>A true Welcome and what is in it.</summary>
    private sealed class Scene
    {
        private readonly MlsScene _scene;
        private readonly SuiteCrypto _crypto;

        public Scene(MlsScene scene)
        {
            _scene = scene;
            _crypto = scene.Crypto;
            var parameters = new CommitParameters
            {
                Proposals = [scene.Alice.AddOf(scene.OutsiderKeys), MlsScene.KnownPsk],
                ForcePath = true,
                IncludeWaiting = false,
            };
            True = scene.Alice.Restarted().CommitInVain(parameters).Welcome!;
            using var secrets = _crypto.DecryptWithLabel(
                scene.OutsiderKeys.InitKey.Bytes, "Welcome"u8, True.EncryptedGroupInfo.Span, True.Secrets[0].Encrypted)!;
            Secrets = secrets.Bytes.ToArray();
            using var member = MemberSecret();
            var (key, nonce) = KeySchedule.WelcomeKey(_crypto, member);
            Info = _crypto.Open(key.Bytes, nonce.Bytes, default, True.EncryptedGroupInfo.Span)!;
            var reader = new TlsReader(Info);
            InfoFields = TlsWriter.Encode(GroupInfo.Read(ref reader).Content.Write);
        }

        public Welcome True { get; }

        public byte[] Secrets { get; }

        public byte[] Info { get; }

        public byte[] InfoFields { get; }

        public Welcome Make(Kind kind, ref InputReader reader) => kind switch
        {
            Kind.Raw => Decode(reader.Rest),
            Kind.Patched => Decode(Patches.Apply(TrueWelcome, ref reader)),
            Kind.Secrets => Seal(Patches.Apply(Secrets, ref reader), True.EncryptedGroupInfo.ToArray()),
            Kind.Info => Seal(Secrets, Encrypt(Patches.Apply(Info, ref reader))),
            _ => Seal(Secrets, Encrypt(Sign(Patches.Apply(InfoFields, ref reader)))),
        };

        private static Welcome Decode(ReadOnlySpan<byte> encoded) => MlsMessage.Decode([0, 1, 0, 3, .. encoded]).Welcome!;

        private Secret MemberSecret()
        {
            using var read = GroupSecrets.Read(Secrets);
            using var psks = new PskFinder(_scene.Alice.Options, _ => null).Find(read.Psks);
            using var psk = PskSecret.Compute(_crypto, psks.Keys);
            return KeySchedule.MemberSecret(_crypto, read.JoinerSecret.Bytes, psk.Bytes);
        }

        private byte[] Encrypt(byte[] info)
        {
            using var member = MemberSecret();
            var (key, nonce) = KeySchedule.WelcomeKey(_crypto, member);
            using (key)
            using (nonce)
                return _crypto.Seal(key.Bytes, nonce.Bytes, default, info);
        }

        private Welcome Seal(byte[] secrets, byte[] info)
        {
            var encrypted = _crypto.EncryptWithLabel(_scene.OutsiderKeys.KeyPackage.InitKey.Span, "Welcome"u8, info, secrets);
            return new Welcome(True.CipherSuite, [new EncryptedGroupSecrets(True.Secrets[0].NewMember, encrypted)], info);
        }

        /// <summary>The tree hash, the confirmation tag and the signature that go with the fields.</summary>
        private byte[] Sign(byte[] fields)
        {
            var reader = new TlsReader(fields);
            var content = GroupInfoContent.Read(ref reader);
            reader.End();
            content = Trees.WithHashOfTree(_crypto, _scene, content);
            using var read = GroupSecrets.Read(Secrets);
            using var epoch = EpochBuilder.Join(_crypto, content.Context, Secret.CopyOf(read.JoinerSecret.Bytes), MemberSecret());
            return GroupInfo.Sign(content with { ConfirmationTag = epoch.ConfirmationTag }, _scene.Alice.SigningKey).Encoded.ToArray();
        }
    }
}
