using System.Collections.Concurrent;
using Sotto.Mls.Groups;
using Sotto.Mls.KeyPackages;
using Sotto.Mls.State;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls;

/// <summary>
/// The way into the library: makes KeyPackages, creates, joins and loads groups. One instance serves all threads; each
/// group serves one at a time.
/// </summary>
public sealed class MlsClient
{
    private readonly ConcurrentDictionary<CipherSuiteId, SuiteCrypto> _suites = new();
    private readonly MlsClientOptions _options;

    /// <summary>A client of the given parts.</summary>
    /// <exception cref="ArgumentException">It supports so many types that no list of capabilities holds them.</exception>
    public MlsClient(MlsClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Capabilities.IsTooLong)
            throw new ArgumentException($"A client says at most {Capabilities.MostInList - 1} types of each kind that it supports.", nameof(options));
        _options = options;
    }

    /// <summary>Makes a KeyPackage to be published (RFC 9420 §10).</summary>
    /// <returns>The KeyPackage with its private keys, which the caller stores and disposes.</returns>
    /// <exception cref="ArgumentException">
    /// The client does not support the suite, the credential's type or an extension, or the lifetime is longer than
    /// <see cref="MlsLimits.KeyPackageLifetime"/> or ends before it begins.
    /// </exception>
    public KeyPackageKeys CreateKeyPackage(CipherSuite suite, KeyPackageParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(parameters);
        _options.RequireOwn(suite, parameters.SigningKey, parameters.Credential);
        _options.RequireSupported(parameters.Extensions);
        _options.RequireSupported(parameters.LeafExtensions);
        RequireLifetime(parameters.Lifetime);
        return KeyPackageKeys.Create(CryptoOf(suite), _options, parameters);
    }

    /// <summary>Checks a KeyPackage of somebody else, so that it can be added (RFC 9420 §10.1).</summary>
    /// <param name="keyPackage">What was fetched.</param>
    /// <param name="now">The time at which it must be valid.</param>
    /// <exception cref="MlsException">It breaks a rule.</exception>
    public VerifiedKeyPackage Verify(KeyPackage keyPackage, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(keyPackage);
        var crypto = FindCrypto(keyPackage.CipherSuite);
        return VerifiedKeyPackage.Verify(crypto, new LeafValidator(crypto, _options), keyPackage, now);
    }

    /// <summary>Checks many KeyPackages at once, on all cores where there are threads.</summary>
    /// <exception cref="MlsException">One breaks a rule.</exception>
    public IReadOnlyList<VerifiedKeyPackage> Verify(IReadOnlyList<KeyPackage> keyPackages, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(keyPackages);
        var verified = new VerifiedKeyPackage[keyPackages.Count];
        Cores.ForEach(keyPackages.Count, i => verified[i] = Verify(keyPackages[i], now));
        return verified;
    }

    /// <summary>Creates a group with this client as its only member (RFC 9420 §11).</summary>
    /// <returns>A group that the caller stores, merges, and disposes in the end.</returns>
    /// <exception cref="ArgumentException">
    /// The client does not support the suite, the credential's type or an extension, the identifier is empty, or the lifetime
    /// is longer than <see cref="MlsLimits.KeyPackageLifetime"/> or ends before it begins.
    /// </exception>
    public PreparedGroup CreateGroup(GroupParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _options.RequireOwn(parameters.Suite, parameters.SigningKey, parameters.Credential);
        _options.RequireSupported(parameters.LeafExtensions);
        RequireLifetime(parameters.Lifetime);
        if (parameters.GroupId.Bytes.IsEmpty)
            throw new ArgumentException("A group has an identifier.", nameof(parameters));
        return Prepare(GroupCreation.Create(CryptoOf(parameters.Suite), _options, parameters));
    }

    /// <summary>
    /// Opens a Welcome and checks everything that RFC 9420 §12.4.3.1 asks for. The result says what the group is; the
    /// application decides before it is stored and merged.
    /// </summary>
    /// <param name="welcome">The Welcome.</param>
    /// <param name="keyPackage">The own KeyPackage that it is for; only read.</param>
    /// <param name="tree">The public tree, where it does not come in the Welcome.</param>
    /// <param name="linked">The group that this one must continue or branch off from (§11.2, §11.3); null when it stands alone.</param>
    /// <returns>A group that the caller stores, merges, and disposes in the end.</returns>
    /// <exception cref="MlsException">The Welcome breaks a rule or is for somebody else.</exception>
    public PreparedGroup Join(Welcome welcome, KeyPackageKeys keyPackage, ReadOnlyMemory<byte>? tree = null, MlsGroup? linked = null)
    {
        ArgumentNullException.ThrowIfNull(welcome);
        ArgumentNullException.ThrowIfNull(keyPackage);
        var crypto = FindCrypto(welcome.CipherSuite);
        return Prepare(new WelcomeJoiner(crypto, _options, keyPackage, linked).Join(welcome, tree));
    }

    /// <summary>Joins by an external commit (RFC 9420 §12.4.3.2).</summary>
    /// <returns>The group and its commit, which the caller stores, merges and sends; the group ends when the commit is not accepted.</returns>
    /// <exception cref="ArgumentException">The client does not support the credential's type or an extension.</exception>
    /// <exception cref="MlsException">The GroupInfo breaks a rule, or the commit would.</exception>
    public PreparedExternalCommit JoinExternally(GroupInfo groupInfo, ExternalJoinParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(groupInfo);
        ArgumentNullException.ThrowIfNull(parameters);
        var crypto = FindCrypto(groupInfo.Context.CipherSuite);
        _options.RequireOwn(crypto.Suite, parameters.SigningKey, parameters.Credential);
        _options.RequireSupported(parameters.LeafExtensions);
        var (epoch, message) = new ExternalJoiner(crypto, _options, parameters).Join(groupInfo);
        var group = new MlsGroup(_options, new GroupMemory(epoch));
        return new PreparedExternalCommit(group, GroupChanges.NewGroup(epoch, GroupStatus.Active, null), message);
    }

    /// <summary>Loads a group from its stored records.</summary>
    /// <returns>A group that the caller disposes.</returns>
    /// <exception cref="MlsException">The records are not those of one group in a format that is known.</exception>
    /// <exception cref="InvalidOperationException">The application does not give the group's signature key.</exception>
    public MlsGroup Load(IEnumerable<StateRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        return new MlsGroup(_options, new GroupLoader(_options, FindCrypto).Load(records));
    }

    internal SuiteCrypto CryptoOf(CipherSuite suite) => _suites.GetOrAdd(suite.Id, _ => new SuiteCrypto(_options.Provider, suite));

    private SuiteCrypto FindCrypto(CipherSuiteId id) =>
        _options.Suites.FirstOrDefault(suite => suite.Id == id) is { } suite ? CryptoOf(suite) : throw new MlsException(MlsRule.SuiteSupported);

    private PreparedGroup Prepare(EpochState epoch) => new(
        new MlsGroup(_options, new GroupMemory(epoch)), GroupChanges.NewGroup(epoch, GroupStatus.Active, null));

    private void RequireLifetime(Lifetime lifetime)
    {
        if (!lifetime.IsAtMost(_options.Limits.KeyPackageLifetime) || lifetime.NotAfter < lifetime.NotBefore)
            throw new ArgumentException($"A lifetime ends after it begins and is at most {_options.Limits.KeyPackageLifetime} long.");
    }
}
