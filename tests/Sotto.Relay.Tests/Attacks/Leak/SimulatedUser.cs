using System.Security.Cryptography;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Attacks.Leak;

/// <summary>Somebody with an account, an intro channel and key packages as a client makes them: keys and the account inside, no mailbox.</summary>
internal sealed class SimulatedUser(Person person) : IDisposable
{
    /// <summary>Where the encryption key stands in a simulated key package.</summary>
    private static readonly Range EncryptionKey = 32..64;

    public Person Person { get; } = person;

    public string Account => Convert.ToHexString(Person.Keys.Id.ToArray());

    public byte[] ContactToken { get; } = Bytes.Random(32);

    public async Task ArriveAsync(TestRelay relay, StreamClient stream)
    {
        await Person.RegisterAsync();
        await Person.AddVouchersAsync(8);
        var intro = await TestChannel.CreateAsync(stream, Person, Wire.Stream.ChannelKind.Intro);
        await PublishAsync(relay, intro);
        await Person.TellAsync(HttpMethod.Post, Routes.ContactTokens, new([Bytes.Hash(ContactToken)], []), RelayJson.Default.ContactTokensRequest);
        var packages = Enumerable.Range(0, 6).Select(_ => new KeyPackageItem(KeyPackage(), (uint)relay.Today + 28)).ToArray();
        await Person.AskAsync(HttpMethod.Put, Routes.KeyPackages, new(packages[1..], packages[0]), RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer);
    }

    /// <summary>Claims one package with the contact token, as whoever adds this user to a group does.</summary>
    /// <returns>The encryption key in it.</returns>
    public async Task<byte[]> ClaimAsync(byte[] id)
    {
        var request = new ClaimRequest([new(Person.Keys.Id.ToArray(), ContactToken, id)]);
        var answer = await Person.PostAsync(Routes.ClaimKeyPackages, request, RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer);
        return answer.Targets[0].Packages![0].Package![EncryptionKey];
    }

    /// <summary>docs/protocol/invites.md: the first half of an HMAC under the group's own key.</summary>
    public static byte[] MailboxId(byte[] mailboxKey, byte[] encryptionKey) => HMACSHA256.HashData(mailboxKey, encryptionKey)[..16];

    public void Dispose() => Person.Dispose();

    private byte[] KeyPackage() => [.. Bytes.Random(32), .. Bytes.Random(32), .. Person.Keys.Genesis, .. Person.Device.Public.ToArray(), .. Bytes.Random(64)];

    private async Task PublishAsync(TestRelay relay, TestChannel intro)
    {
        var body = new ReachabilityRecord
        {
            Account = Person.Keys.Id,
            DeviceKey = Person.Device.Public,
            Number = (ulong)relay.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            RelayUrl = "https://relay.example"u8.ToArray(),
            RelayFingerprint = relay.Server.Identity.Fingerprint,
            IntroChannel = new(intro.Id),
            IntroKey = Bytes.Random(1216),
            Expires = (ulong)relay.Time.GetUtcNow().AddDays(30).ToUnixTimeSeconds(),
        }.EncodeBody();
        var record = new SignedRecord(body, Person.Device.Sign(SignContent.Encode(SignContent.Reachability, body))).Encode();
        await Person.TellAsync(HttpMethod.Put, Routes.Reachability, new(record), RelayJson.Default.RecordRequest);
    }
}
