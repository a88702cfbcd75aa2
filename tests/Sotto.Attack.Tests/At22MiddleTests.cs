using Sotto.Crypto;
using Sotto.Direct;
using Sotto.Direct.Exchange;
using Sotto.Direct.Handshake;
using Sotto.Direct.Identities;
using Sotto.Direct.Invites;

namespace Sotto.Attack.Tests;

/// <summary>AT-22: a man in the middle of the handshake.</summary>
public sealed class At22MiddleTests
{
    private static readonly int Runs = Environment.GetEnvironmentVariable("SOTTO_TIER") switch { "soak" => 10_000, "all" => 1_000, _ => 200 };

    [Fact]
    public void A_man_in_the_middle_gives_the_two_people_different_codes()
    {
        var equal = 0;
        Parallel.For(0, Runs, seed =>
        {
            var crypto = Seeded.Crypto(seed);
            using var ann = Seeded.Person(crypto, "Ann");
            using var bob = Seeded.Person(crypto, "Bob");
            using var mallory = Seeded.Person(crypto, "Mallory");
            var (atAnn, _) = Handshake(crypto, ann, mallory);
            var (_, atBob) = Handshake(crypto, mallory, bob);
            if (atAnn.Code == atBob.Code)
                Interlocked.Increment(ref equal);
            atAnn.Dispose();
            atBob.Dispose();
        });
        AttackReport.Add("AT-22", $"man in the middle, X-Wing, seeds 0 to {Runs - 1}", $"noticed: codes equal by chance in {equal} of {Runs}");
        Assert.True(equal <= 2, $"codes were equal in {equal} of {Runs} seeded runs");
    }

    [Fact]
    public void Without_anybody_in_between_the_codes_are_equal_and_depend_on_nothing_else()
    {
        var crypto = Seeded.Crypto(1);
        using var ann = Seeded.Person(crypto, "Ann");
        using var bob = Seeded.Person(crypto, "Bob");
        var (atAnn, atBob) = Handshake(crypto, ann, bob);
        using (atAnn)
        using (atBob)
            Assert.Equal(atAnn.Code, atBob.Code);
    }

    [Fact]
    public void A_host_that_chooses_its_nonce_after_the_joiner_s_is_refused() =>
        Assert.Throws<DirectException>(() => ChooseLate(seed: 5));

    [Fact]
    public void Somebody_who_shows_another_s_key_without_holding_it_is_refused() =>
        Assert.Throws<DirectException>(() => Impersonate(seed: 6));

    [Fact]
    public void An_overheard_invite_tag_without_the_secret_opens_nothing() =>
        Assert.Throws<DirectException>(() => JoinWithTagAlone(seed: 7));

    [Fact]
    public void Taking_a_method_out_of_the_joiner_s_offer_is_noticed()
    {
        var crypto = Seeded.Crypto(8);
        using var ann = Seeded.Person(crypto, "Ann");
        using var bob = Seeded.Person(crypto, "Bob");
        using var rsa = new OneKeyRsa(crypto);
        using var host = new HostHandshake(crypto, ann, rsa, _ => null);
        using var joiner = new JoinHandshake(crypto, bob, null);
        joiner.Hello();
        var changed = new JoinHello([ExchangeMethod.Rsa], null).Encode();
        var reply = joiner.Reply(host.Offer(changed));
        Assert.Throws<DirectException>(() => host.Authenticate(reply));
        AttackReport.Add("AT-22", "downgrade of the key exchange", "rejected: the transcript fixes the offer");
    }

    [Fact]
    public void Every_changed_byte_of_the_handshake_is_refused_by_the_side_that_reads_it()
    {
        var refused = 0;
        var tried = 0;
        for (var frame = 0; frame < 5; frame++)
        {
            for (var position = 0; position < 1400; position += frame is 1 or 2 ? 13 : 1)
            {
                if (Tamper(frame, position) is not { } result)
                    break;
                tried++;
                refused += result ? 1 : 0;
            }
        }

        AttackReport.Add("AT-22", "one changed byte anywhere in the handshake", $"rejected: {refused} of {tried}");
        Assert.Equal(tried, refused);
        Assert.True(tried > 450, $"{tried} places");
    }

#if DEFENCES
    [Fact]
    public void Control_without_the_commitment_a_late_host_forces_the_code_it_wants()
    {
        using var off = Defences.SwitchOff(Defence.NonceCommitment);
        var (wanted, shown) = ChooseLate(seed: 5);
        AttackReport.Add("AT-22", "late nonce, control without NonceCommitment", "succeeds: the joiner sees the code that the host sees");
        Assert.Equal(wanted, shown);
    }

    [Fact]
    public void Control_without_the_signature_check_the_impostor_is_taken_for_another()
    {
        using var off = Defences.SwitchOff(Defence.SignedTranscript);
        var taken = Impersonate(seed: 6);
        AttackReport.Add("AT-22", "impersonation, control without SignedTranscript", "succeeds: the impostor counts as Ann");
        Assert.Equal("Ann", taken.Name);
    }

    [Fact]
    public void Control_without_the_invite_s_key_the_tag_alone_gets_in_as_verified()
    {
        using var off = Defences.SwitchOff(Defence.InviteKey);
        Assert.True(JoinWithTagAlone(seed: 7));
        AttackReport.Add("AT-22", "overheard invite tag, control without InviteKey", "succeeds: verified by an invite it never held");
    }
#endif

    private static (HandshakeResult AtHost, HandshakeResult AtJoiner) Handshake(ICryptoProvider crypto, Identity hostSelf, Identity joinSelf)
    {
        using var exchange = new XWingExchange(crypto);
        using var offer = exchange.OfferAsync(default).AsTask().Result;
        using var host = new HostHandshake(crypto, hostSelf, offer, _ => null);
        using var joiner = new JoinHandshake(crypto, joinSelf, null);
        var reply = joiner.Reply(host.Offer(joiner.Hello()));
        var (auth, atJoiner) = joiner.Finish(host.Authenticate(reply));
        return (host.Finish(auth), atJoiner);
    }

    /// <summary>
    /// Mallory has already talked with Ann and knows the code that Ann sees. She now plays host for Bob, waits for Bob's nonce
    /// and identity, and searches a nonce of her own that makes Bob see the same code.
    /// </summary>
    private static (SpokenCode Wanted, SpokenCode Shown) ChooseLate(int seed)
    {
        var crypto = Seeded.Crypto(seed);
        using var ann = Seeded.Person(crypto, "Ann");
        using var bob = Seeded.Person(crypto, "Bob");
        using var mallory = Seeded.Person(crypto, "Mallory");
        var (atAnn, _) = Handshake(crypto, ann, mallory);
        using (atAnn)
        {
            using var late = new LateHost(crypto, mallory);
            using var joiner = new JoinHandshake(crypto, bob, null);
            var reply = joiner.Reply(late.Offer(joiner.Hello()));
            var (_, atBob) = joiner.Finish(late.Authenticate(reply, atAnn.Code));
            using (atBob)
                return (atAnn.Code, atBob.Code);
        }
    }

    /// <summary>Mallory plays host with Ann's public key, which is no secret, and signs with what she has.</summary>
    private static PublicIdentity Impersonate(int seed)
    {
        var crypto = Seeded.Crypto(seed);
        using var ann = Seeded.Person(crypto, "Ann");
        using var bob = Seeded.Person(crypto, "Bob");
        using var mallory = Seeded.Person(crypto, "Mallory");
        using var impostor = new LateHost(crypto, mallory, shown: ann.Public);
        using var joiner = new JoinHandshake(crypto, bob, null);
        var (_, result) = joiner.Finish(impostor.Authenticate(joiner.Reply(impostor.Offer(joiner.Hello())), wanted: null));
        using (result)
            return result.Peer;
    }

    /// <summary>Mallory overheard the tag in a hello and comes with it, and with a secret of her own.</summary>
    private static bool JoinWithTagAlone(int seed)
    {
        var crypto = Seeded.Crypto(seed);
        using var ann = Seeded.Person(crypto, "Ann");
        using var mallory = Seeded.Person(crypto, "Mallory");
        using var real = DirectInvite.Create(crypto, ann.Public, [new("127.0.0.1", 7787)]);
        using var forged = DirectInvite.Create(crypto, ann.Public, [new("127.0.0.1", 7787)]);
        using var exchange = new XWingExchange(crypto);
        using var offer = exchange.OfferAsync(default).AsTask().Result;
        // Whatever tag comes, the host looks up the real invite: the best case for the attacker.
        using var host = new HostHandshake(crypto, ann, offer, _ => real);
        using var joiner = new JoinHandshake(crypto, mallory, forged);
        var (auth, atJoiner) = joiner.Finish(host.Authenticate(joiner.Reply(host.Offer(joiner.Hello()))));
        atJoiner.Dispose();
        using var atHost = host.Finish(auth);
        return atHost.ByInvite;
    }

    /// <summary>Runs a handshake in which one byte of one frame is changed.</summary>
    /// <returns>Whether it was refused; null when the frame is shorter.</returns>
    private static bool? Tamper(int frame, int position)
    {
        var crypto = Seeded.Crypto(frame * 10_000 + position);
        using var ann = Seeded.Person(crypto, "Ann");
        using var bob = Seeded.Person(crypto, "Bob");
        using var exchange = new XWingExchange(crypto);
        using var offer = exchange.OfferAsync(default).AsTask().Result;
        using var invite = DirectInvite.Create(crypto, ann.Public, [new("127.0.0.1", 7787)]);
        using var host = new HostHandshake(crypto, ann, offer, _ => invite);
        using var joiner = new JoinHandshake(crypto, bob, invite);
        var index = 0;
        var beyond = false;
        byte[] Pass(byte[] bytes)
        {
            if (index++ != frame)
                return bytes;
            if (position >= bytes.Length)
                beyond = true;
            else
                bytes[position] ^= 0x10;
            return bytes;
        }

        try
        {
            var reply = Pass(joiner.Reply(Pass(host.Offer(Pass(joiner.Hello())))));
            var (auth, atJoiner) = joiner.Finish(Pass(host.Authenticate(reply)));
            atJoiner.Dispose();
            // The fifth frame is the joiner's last.
            host.Finish(Pass(auth)).Dispose();
            return beyond ? null : false;
        }
        catch (DirectException)
        {
            return true;
        }
    }

    private sealed class OneKeyRsa(ICryptoProvider crypto) : IExchangeOffer
    {
        private readonly RsaPrivateKey _key = crypto.RsaGenerate(2048);

        public ExchangeMethod Method => ExchangeMethod.Rsa;

        public ReadOnlyMemory<byte> PublicKey => _key.SubjectPublicKeyInfo;

        public Secret Accept(ReadOnlySpan<byte> ciphertext)
        {
            var secret = Secret.Create(32, out var bytes);
            return _key.TryDecryptOaepSha256(ciphertext, bytes) ? secret : throw DirectException.Handshake();
        }

        public void Dispose() => _key.Dispose();
    }
}
