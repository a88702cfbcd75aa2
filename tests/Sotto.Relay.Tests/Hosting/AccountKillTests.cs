using System.Buffers.Text;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Relay.Tests.Hosting;

/// <summary>The real executable, killed without warning while clients of the account plane claim and write.</summary>
public sealed class AccountKillTests
{
    private const int ClaimsOfOneRun = 9;

    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("SOTTO_KILLS"), out var kills) ? kills : 5;

    [Fact]
    public async Task No_key_package_is_given_twice_and_no_recovery_record_is_lost()
    {
        using var folder = new RelayFolder();
        var token = Bytes.Random(32);
        Person ann;
        await using (var first = await RelayProcess.StartAsync(folder, "--open-registration"))
        {
            ann = new(first.Address, first.Key);
            await ann.RegisterAsync();
            await ann.TellAsync(HttpMethod.Post, Routes.ContactTokens, new ContactTokensRequest([Bytes.Hash(token)], []), RelayJson.Default.ContactTokensRequest);
        }

        using var owned = ann;
        var history = new AccountHistory(ann, token);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var relay = await RelayProcess.StartAsync(folder, "--open-registration");
            await history.FillAsync(relay);
            // After a number of answered claims that differs each time; requests are under way when it dies.
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var limit = 1 + kill * 5 % (ClaimsOfOneRun - 1);
            var claims = history.ClaimAsync(relay, ClaimsOfOneRun, count =>
            {
                if (count == limit)
                    enough.TrySetResult();
            });
            var records = history.WriteRecordsAsync(relay);
            // A client whose check fails is heard at once, not when the patience ends.
            await (await Task.WhenAny(enough.Task, claims, records).WaitAsync(StreamClient.Patience));
            relay.Kill();
            await Task.WhenAll(claims, records).WaitAsync(StreamClient.Patience);
        }

        await using var last = await RelayProcess.StartAsync(folder, "--open-registration");
        await history.CheckAsync(last);
    }

    /// <summary>What the claimant and the owner of one account were told.</summary>
    private sealed class AccountHistory(Person ann, byte[] token)
    {
        private readonly Dictionary<string, string> _given = [];
        private byte[]? _unansweredClaim;
        private byte[]? _acknowledgedRecord;
        private byte[]? _unansweredRecord;
        private ulong _number;

        /// <summary>Tops up to twice what one run can claim, so that the last resort is never needed.</summary>
        public async Task FillAsync(RelayProcess relay)
        {
            using var owner = At(relay);
            var left = (await owner.GetAsync(Routes.KeyPackages, RelayJson.Default.KeyPackagesAnswer)).OneTime;
            var day = (uint)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 86_400);
            var fresh = Enumerable.Range(0, Math.Max(1, 2 * ClaimsOfOneRun - left)).Select(_ => new KeyPackageItem(Bytes.Random(64), day + 30));
            await owner.AskAsync(HttpMethod.Put, Routes.KeyPackages, new KeyPackagesRequest([.. fresh], null), RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer);
        }

        /// <summary>Claims one after the other; what was not answered is claimed again with its id.</summary>
        public async Task ClaimAsync(RelayProcess relay, int count, Action<int> answered)
        {
            using var claimant = At(relay);
            try
            {
                for (var i = 1; i <= count; i++)
                {
                    _unansweredClaim ??= Bytes.Random(16);
                    var package = await ClaimAsync(claimant, _unansweredClaim);
                    Assert.True(_given.TryAdd(package, Convert.ToHexString(_unansweredClaim)), "A key package was given to two claims.");
                    _unansweredClaim = null;
                    answered(i);
                }
            }
            catch (HttpRequestException)
            {
                // Killed.
            }
        }

        public async Task WriteRecordsAsync(RelayProcess relay)
        {
            using var owner = At(relay);
            try
            {
                while (true)
                {
                    _unansweredRecord ??= Record(++_number);
                    await owner.TellAsync(HttpMethod.Put, Routes.RecoveryRecord, new RecordRequest(_unansweredRecord), RelayJson.Default.RecordRequest);
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
            using var person = At(relay);
            foreach (var (package, id) in _given.TakeLast(ClaimsOfOneRun))
                Assert.Equal(package, await ClaimAsync(person, Convert.FromHexString(id)));
            var records = (await person.GetAsync(person.Target(Routes.Recovery), RelayJson.Default.RecoveryAnswer, key: person.Keys.Recovery)).Records;
            Assert.NotNull(_acknowledgedRecord);
            Assert.Contains(records[0], new[] { _acknowledgedRecord, _unansweredRecord });
        }

        private Person At(RelayProcess relay) => new(relay.Address, relay.Key) { Keys = ann.Keys, Device = ann.Device, List = ann.List };

        private async Task<string> ClaimAsync(Person claimant, byte[] id)
        {
            var request = new ClaimRequest([new(ann.Keys.Id.ToArray(), token, id)]);
            var answer = await claimant.PostAsync(Routes.ClaimKeyPackages, request, RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer);
            return Base64Url.EncodeToString(Assert.Single(Assert.Single(answer.Targets).Packages!).Package!);
        }

        private byte[] Record(ulong number)
        {
            var body = new RecoveryRecord { Account = ann.Keys.Id, Number = number, Day = 0, Sealed = Bytes.Random(200) }.EncodeBody();
            return new SignedRecord(body, ann.Keys.Account.Sign(SignContent.Encode(SignContent.RecoveryRecord, body))).Encode();
        }
    }
}
