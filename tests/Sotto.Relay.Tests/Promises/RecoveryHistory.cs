using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Promises;

/// <summary>Accounts whose recovery a kill interrupts somewhere, and what their owners were told.</summary>
internal sealed class RecoveryHistory : IDisposable
{
    public const int Accounts = 6;

    private readonly List<Subject> _subjects = [];

    /// <summary>How many accounts were found recovered.</summary>
    public int Whole { get; private set; }

    /// <summary>How many were found as they had been before.</summary>
    public int Untouched { get; private set; }

    /// <summary>Accounts with everything that a recovery ends.</summary>
    public async Task PrepareAsync(RelayProcess relay)
    {
        for (var i = 0; i < Accounts; i++)
            _subjects.Add(await Subject.StartAsync(relay));
    }

    /// <summary>Recovers one after the other.</summary>
    public async Task RecoverAsync(RelayProcess relay, Action answered)
    {
        try
        {
            foreach (var subject in _subjects)
            {
                await subject.RecoverAsync(relay);
                answered();
            }
        }
        catch (HttpRequestException)
        {
            // Killed.
        }
    }

    /// <summary>Each is recovered as a whole or not at all, and at least those are whose owner was told.</summary>
    public async Task CheckAsync(RelayProcess relay)
    {
        foreach (var subject in _subjects)
        {
            if (await subject.IsRecoveredAsync(relay))
                Whole++;
            else
                Untouched++;
        }

        Dispose();
    }

    public void Dispose()
    {
        _subjects.ForEach(subject => subject.Dispose());
        _subjects.Clear();
    }

    private sealed class Subject(Person owner) : IDisposable
    {
        private readonly byte[] _contact = Bytes.Random(32);
        private readonly byte[] _invite = Bytes.Random(32);
        private readonly SigningKey _newDevice = new();
        private bool _wasTold;

        public static async Task<Subject> StartAsync(RelayProcess relay)
        {
            var subject = new Subject(new Person(relay.Address, relay.Key));
            await subject.FillAsync();
            return subject;
        }

        public async Task RecoverAsync(RelayProcess relay)
        {
            using var person = owner.At(relay);
            var list = person.Keys.RecoveryList(person.List, 1, _newDevice).Encode();
            await person.TellAsync(HttpMethod.Post, person.Target(Routes.Recovery), new(list), RelayJson.Default.ListRequest, person.Keys.Recovery);
            _wasTold = true;
        }

        /// <summary>Asks for everything that a recovery changes: all of it has happened, or nothing.</summary>
        public async Task<bool> IsRecoveredAsync(RelayProcess relay)
        {
            using var person = owner.At(relay);
            bool[] changed =
            [
                await person.IsRefusedAsync(person.Device),
                !await person.IsRefusedAsync(_newDevice),
                (await DirectoryAsync(person)).Lists.Length == 2,
                await ClaimAsync(person, _contact) == ProblemTypes.Of(RelayProblem.Refused).Type,
                await ClaimAsync(person, _invite) is not null,
            ];
            Assert.Single(changed.Distinct());
            Assert.True(changed[0] || !_wasTold, "A recovery that was answered is gone.");
            return changed[0];
        }

        public void Dispose() => owner.Dispose();

        private async Task FillAsync()
        {
            await owner.RegisterAsync();
            var day = (uint)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 86_400);
            await owner.TellAsync(HttpMethod.Post, Routes.ContactTokens, new([Bytes.Hash(_contact)], []), RelayJson.Default.ContactTokensRequest);
            await owner.TellAsync(HttpMethod.Post, Routes.Invites, new(Bytes.Hash(_invite), Bytes.Random(64), 1, (day + 5) * 24), RelayJson.Default.InviteRequest);
            var packages = Enumerable.Range(0, 4).Select(_ => new KeyPackageItem(Bytes.Random(64), day + 30)).ToArray();
            await owner.AskAsync(HttpMethod.Put, Routes.KeyPackages, new(packages), RelayJson.Default.KeyPackagesRequest, RelayJson.Default.KeyPackagesAnswer);
        }

        /// <summary>What a contact reads; retired tokens read too.</summary>
        private async Task<DirectoryAnswer> DirectoryAsync(Person person) =>
            await person.GetAsync(person.Target(Routes.Directory), RelayJson.Default.DirectoryAnswer, _contact);

        /// <returns>Why a claim was refused, null when it was not.</returns>
        private static async Task<string?> ClaimAsync(Person person, byte[] token)
        {
            var request = new ClaimRequest([new(person.Keys.Id.ToArray(), token, Bytes.Random(16))]);
            var answer = await person.PostAsync(Routes.ClaimKeyPackages, request, RelayJson.Default.ClaimRequest, RelayJson.Default.ClaimAnswer);
            return Assert.Single(answer.Targets).Problem;
        }
    }
}
