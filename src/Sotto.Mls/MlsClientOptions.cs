using Sotto.Mls.Credentials;
using Sotto.Mls.Extensions;
using Sotto.Mls.Groups;
using Sotto.Mls.Schedule;
using Sotto.Mls.Suites;
using Sotto.Mls.Trees;

namespace Sotto.Mls;

/// <summary>What a client is made of: primitives, what it supports, and the application's hooks.</summary>
public sealed class MlsClientOptions
{
    /// <summary>The primitives.</summary>
    public required ICryptoProvider Provider { get; init; }

    /// <summary>Who is who.</summary>
    public required IAuthenticationService Authentication { get; init; }

    /// <summary>
    /// Finds one of this client's own signature keys by its public key, when a group is loaded or its leaf changes keys.
    /// The application owns the key and keeps it as long as the group is in use; null when it is not there.
    /// </summary>
    public required Func<ReadOnlyMemory<byte>, SigningKey?> SignatureKeys { get; init; }

    /// <summary>Who may do what.</summary>
    public IGroupPolicy Policy { get; init; } = MembersOnlyPolicy.Instance;

    /// <summary>Keys that the application shared with the other members.</summary>
    public IPreSharedKeys PreSharedKeys { get; init; } = NoPreSharedKeys.Instance;

    /// <summary>The suites that this client supports, the preferred one first.</summary>
    public IReadOnlyList<CipherSuite> Suites { get; init; } = CipherSuite.All;

    /// <summary>Extension types beyond the default ones that this client supports.</summary>
    public IReadOnlyList<ushort> Extensions { get; init; } = [];

    /// <summary>Proposal types beyond the default ones that this client supports.</summary>
    public IReadOnlyList<ushort> Proposals { get; init; } = [];

    /// <summary>Credential types that this client supports.</summary>
    public IReadOnlyList<ushort> Credentials { get; init; } = [CredentialTypes.Basic];

    /// <summary>Whether random reserved values are sent where peers must tolerate them (RFC 9420 §13.5).</summary>
    public bool SendGrease { get; init; } = true;

    /// <summary>Bounds on what is kept and accepted.</summary>
    public MlsLimits Limits { get; init; } = MlsLimits.Default;

    /// <summary>
    /// Whether this client is in a group already, which it then does not join again (RFC 9420 §12.4.3). A Welcome that is
    /// replayed would put the group back to its first epoch, whose keys were used.
    /// </summary>
    public required Func<GroupId, bool> IsInGroup { get; init; }

    /// <summary>What this client says of itself, without the reserved values (§13.5).</summary>
    internal Capabilities Capabilities => new([ProtocolVersion.Mls10], [.. Suites.Select(suite => suite.Id.Value)], Extensions, Proposals, Credentials);

    /// <summary>Refuses what a leaf of this client cannot be made of.</summary>
    /// <exception cref="ArgumentException">The client does not support it, or key and suite do not go together.</exception>
    internal void RequireOwn(CipherSuite suite, SigningKey? signingKey, Credential? credential)
    {
        if (!Suites.Contains(suite))
            throw new ArgumentException("The client does not support the suite.", nameof(suite));
        if (signingKey is not null && signingKey.Algorithm != suite.Signature)
            throw new ArgumentException("The signature key is not one of the suite's algorithm.", nameof(signingKey));
        if (credential is not null && !Credentials.Contains(credential.Type))
            throw new ArgumentException("The client does not support the credential's type.", nameof(credential));
    }

    /// <summary>Refuses extensions that this client does not say it supports: to use one in a leaf or KeyPackage says so (RFC 9420 §7.2).</summary>
    /// <exception cref="ArgumentException">One is not in <see cref="Extensions"/>.</exception>
    internal void RequireSupported(ExtensionList extensions)
    {
        foreach (var extension in extensions)
        {
            if (!ExtensionTypes.IsDefault(extension.Type) && !Extensions.Contains(extension.Type))
                throw new ArgumentException($"The client does not support the extension {extension.Type}.", nameof(extensions));
        }
    }
}
