using System.Buffers.Text;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Promises;

/// <summary>What the claimant and the owner of one account were told about key packages and recovery records.</summary>
internal sealed class PackageHistory : IDisposable
{
    public const int ClaimsOfOneRun = 9;

    private readonly Person _ann;
    private readonly byte[] _token = Bytes.Random(32);
    private readonly Dictionary<string, string> _given = [];
    private byte[]? _unansweredClaim;
    private byte[]? _acknowledgedRecord;
    private byte[]? _unansweredRecord;
    private ulong _number;

    private PackageHistory(RelayProcess relay) => _ann = new(relay.Address, relay.Key);

    public static async Task<PackageHistory> StartAsync(RelayProcess relay)
    {
        var history = new PackageHistory(relay);
        await history._ann.RegisterAsync();
        await history._ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new([Bytes.Hash(history._token)], []), RelayJson.Default.ContactTokensRequest);
        return history;
    }

    /// <summary>Tops up to twice what one run can claim, so that the last resort is never needed.</summary>
    public async Task FillAsync(RelayProcess relay)
    {
        using var owner = _ann.At(relay);
        var left = (await owner.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer)).OneTime;
        var day = (uint)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 86_400);
        var fresh = Enumerable.Range(0, Math.Max(1, 2 * ClaimsOfOneRun - left)).Select(_ => new KeyPackageItem(Bytes.Random(64), day + 30));
        await owner.AskAsync(HttpMethod.Put, Routes.KeyPackages, new([.. fresh]), RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer);
    }

    /// <summary>Claims one after the other; what was not answered is claimed again with its id.</summary>
    public async Task ClaimAsync(RelayProcess relay, Action answered)
    {
        using var claimant = _ann.At(relay);
        try
        {
            for (var i = 0; i < ClaimsOfOneRun; i++)
            {
                _unansweredClaim ??= Bytes.Random(16);
                var package = await ClaimAsync(claimant, _unansweredClaim);
                Assert.True(_given.TryAdd(package, Convert.ToHexString(_unansweredClaim)), "A key package was given to two claims.");
                _unansweredClaim = null;
                answered();
            }
        }
        catch (HttpRequestException)
        {
            // Killed.
        }
    }

    public async Task WriteRecordsAsync(RelayProcess relay)
    {
        using var owner = _ann.At(relay);
        try
        {
            while (true)
            {
                _unansweredRecord ??= Record(++_number);
                await owner.TellAsync(HttpMethod.Put, Routes.RecoveryRecord, new(_unansweredRecord), RelayJson.Default.RecordRequest);
                (_acknowledgedRecord, _unansweredRecord) = (_unansweredRecord, null);
            }
        }
        catch (HttpRequestException)
        {
            // Killed.
        }
    }

    /// <summary>Every answered claim still has its package, and the newest record is the acknowledged one or the one after it.</summary>
    public async Task CheckAsync(RelayProcess relay)
    {
        using var person = _ann.At(relay);
        foreach (var (package, id) in _given.TakeLast(ClaimsOfOneRun))
            Assert.Equal(package, await ClaimAsync(person, Convert.FromHexString(id)));
        var records = (await person.GetAsync(person.Target(Routes.Recovery), RelayJson.Default.RecoveryAnswer, key: person.Keys.Recovery)).Records;
        Assert.NotNull(_acknowledgedRecord);
        Assert.Contains(records[0], new[] { _acknowledgedRecord, _unansweredRecord });
    }

    public void Dispose() => _ann.Dispose();

    private async Task<string> ClaimAsync(Person claimant, byte[] id)
    {
        var request = new ClaimRequest([new(_ann.Keys.Id.ToArray(), _token, id)]);
        var answer = await claimant.PostAsync(Routes.ClaimKeyPackages, request, RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer);
        return Base64Url.EncodeToString(Assert.Single(Assert.Single(answer.Targets).Packages!).Package!);
    }

    private byte[] Record(ulong number)
    {
        var body = new RecoveryRecord { Account = _ann.Keys.Id, Number = number, Day = 0, Sealed = Bytes.Random(200) }.EncodeBody();
        return new SignedRecord(body, _ann.Keys.Account.Sign(SignContent.Encode(SignContent.RecoveryRecord, body))).Encode();
    }
}
