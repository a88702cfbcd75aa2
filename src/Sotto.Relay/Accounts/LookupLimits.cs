using System.Net;
using Microsoft.AspNetCore.Http;
using Sotto.Crypto;
using Sotto.Relay.Hosting;
using Sotto.Wire;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Accounts;

/// <summary>
/// How often somebody may look an account up without login: each account and token together 60 times an hour, and each address
/// 60 wrong guesses an hour, after which it gets no answer at all. Known and unknown are counted before anything is looked at, so
/// the limit tells nothing either. Addresses are in memory alone, as a hash with a salt of this process.
/// </summary>
internal sealed class LookupLimits
{
    private readonly ClientAddresses _addresses;
    private readonly byte[] _salt = new byte[32];
    private readonly RequestCounter _pairs;
    private readonly RequestCounter _guesses;

    public LookupLimits(ICryptoProvider crypto, ClientAddresses addresses, TimeProvider time)
    {
        crypto.FillRandom(_salt);
        _addresses = addresses;
        _pairs = new(Limits.LookupsPerHour, TimeSpan.FromHours(1), time);
        _guesses = new(Limits.LookupsPerHour, TimeSpan.FromHours(1), time);
    }

    /// <summary>Looks something up that a token opens.</summary>
    /// <exception cref="RelayException">The token does not open it, or there were too many.</exception>
    public async Task<T> LookUpAsync<T>(HttpContext context, Bytes32 account, Bytes32 tokenHash, Func<Task<T>> look)
    {
        _pairs.Count(HashOf(account, tokenHash));
        return await GuessAsync(context, look).ConfigureAwait(false);
    }

    /// <summary>The same for what has a limit of its own for a token.</summary>
    /// <exception cref="RelayException">The token does not open it, or there were too many wrong ones.</exception>
    public async Task<T> GuessAsync<T>(HttpContext context, Func<Task<T>> look)
    {
        var guesser = _addresses.Of(context) is { } address ? HashOf(address) : (Bytes32?)null;
        if (guesser is { } counted)
            _guesses.Require(counted);
        try
        {
            return await look().ConfigureAwait(false);
        }
        catch (RelayException wrong) when (wrong.Problem == RelayProblem.Refused)
        {
            if (guesser is { } guessed)
                _guesses.TryCount(guessed);
            throw;
        }
    }

    private static Bytes32 HashOf(Bytes32 account, Bytes32 tokenHash) => Bytes32.HashOf([.. account.ToArray(), .. tokenHash.ToArray()]);

    private Bytes32 HashOf(IPAddress address) => Bytes32.HashOf([.. _salt, .. address.GetAddressBytes()]);
}
