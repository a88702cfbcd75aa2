using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Stream;

namespace Sotto.Client.Relays;

/// <summary>Makes connections to relays. The real one is <see cref="HttpRelays"/>.</summary>
public interface IRelays
{
    /// <summary>Reaches a relay and checks that it is the one that is named, before anything else is sent.</summary>
    /// <param name="endpoint">Which relay.</param>
    /// <param name="lowestStatement">Statements with a lower number are refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RelayUnreachableException">Nobody answers.</exception>
    /// <exception cref="ClientException">Somebody else answers.</exception>
    Task<IRelay> ConnectAsync(RelayEndpoint endpoint, ulong lowestStatement, CancellationToken cancellationToken);
}

/// <summary>A relay whose identity was checked. The two planes share no connection.</summary>
public interface IRelay : IAsyncDisposable
{
    /// <summary>Its identity key.</summary>
    Bytes32 IdentityKey { get; }

    /// <summary>The number of the statement that it showed.</summary>
    ulong StatementNumber { get; }

    /// <summary>The account plane.</summary>
    IAccountPlane Accounts { get; }

    /// <summary>Blobs of the mailbox plane.</summary>
    IBlobs Blobs { get; }

    /// <summary>Opens a stream of the mailbox plane.</summary>
    Task<IMailboxStream> OpenStreamAsync(CancellationToken cancellationToken);
}

/// <summary>The account plane: what a relay's HTTP routes do. Every method may be repeated.</summary>
/// <exception cref="RelayRefusedException">The relay refused.</exception>
/// <exception cref="RelayUnreachableException">It cannot be reached.</exception>
public interface IAccountPlane
{
    /// <summary>Makes an account.</summary>
    Task<RegisterAnswer> RegisterAsync(RequestSigner signer, RegisterRequest request, CancellationToken cancellationToken);

    /// <summary>Publishes where the signing device can be reached.</summary>
    Task PublishReachabilityAsync(RequestSigner signer, byte[] record, CancellationToken cancellationToken);

    /// <summary>Adds KeyPackages of the signing device.</summary>
    Task<KeyPackagesAnswer> AddKeyPackagesAsync(RequestSigner signer, KeyPackagesRequest request, CancellationToken cancellationToken);

    /// <summary>What lies there of the signing device's KeyPackages.</summary>
    Task<KeyPackagesAnswer> CountKeyPackagesAsync(RequestSigner signer, CancellationToken cancellationToken);

    /// <summary>Gives hashes of vouchers to the mailbox plane.</summary>
    Task<VouchersAnswer> AddVouchersAsync(RequestSigner signer, VouchersRequest request, CancellationToken cancellationToken);

    /// <summary>Opens an invite.</summary>
    Task AddInviteAsync(RequestSigner signer, InviteRequest request, CancellationToken cancellationToken);

    /// <summary>Ends an invite.</summary>
    Task RevokeInviteAsync(RequestSigner signer, RevokeRequest request, CancellationToken cancellationToken);

    /// <summary>Changes the account's contact tokens.</summary>
    Task ChangeContactTokensAsync(RequestSigner signer, ContactTokensRequest request, CancellationToken cancellationToken);

    /// <summary>Reads an account's directory entry with a contact token and without login.</summary>
    Task<DirectoryAnswer> ReadDirectoryAsync(Bytes32 account, Bytes32 token, CancellationToken cancellationToken);

    /// <summary>Reads the card of an invite with its contact token.</summary>
    Task<byte[]> ReadCardAsync(Bytes32 account, Bytes32 token, CancellationToken cancellationToken);

    /// <summary>Claims KeyPackages without login.</summary>
    Task<ClaimAnswer> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);
}

/// <summary>Blobs of channels, by capability.</summary>
public interface IBlobs
{
    /// <summary>Stores a blob whole; the same again is a success.</summary>
    Task PutAsync(BlobUpload upload, CancellationToken cancellationToken);

    /// <summary>Reads a blob whole.</summary>
    Task<byte[]> GetAsync(Bytes16 channel, Bytes16 blob, Bytes32 capability, CancellationToken cancellationToken);
}

/// <summary>A blob on its way up.</summary>
/// <param name="Channel">The channel it belongs to.</param>
/// <param name="Blob">Its id, random.</param>
/// <param name="Capability">Writes and reads it.</param>
/// <param name="Vouchers">Pay for it, one for each 16 MiB.</param>
/// <param name="Days">How long it is kept, 1 to 60.</param>
/// <param name="Content">Its bytes.</param>
public sealed record BlobUpload(Bytes16 Channel, Bytes16 Blob, Bytes32 Capability, IReadOnlyList<Bytes32> Vouchers, int Days, byte[] Content);

/// <summary>A stream of the mailbox plane. Requests are carried out in the order of the calls.</summary>
public interface IMailboxStream : IAsyncDisposable
{
    /// <summary>8 bytes; others than before mean that the relay was restored from a backup.</summary>
    ReadOnlyMemory<byte> Incarnation { get; }

    /// <summary>Asks and gives the answer.</summary>
    /// <exception cref="RelayRefusedException">The relay refused.</exception>
    /// <exception cref="RelayUnreachableException">The stream ended before the answer.</exception>
    Task<Frame> AskAsync(Frame frame, CancellationToken cancellationToken);

    /// <summary>Says something that is not answered.</summary>
    /// <exception cref="RelayUnreachableException">The stream has ended.</exception>
    Task TellAsync(Frame frame, CancellationToken cancellationToken);

    /// <summary>What the relay says without being asked, until the stream ends.</summary>
    IAsyncEnumerable<Frame> ToldAsync(CancellationToken cancellationToken);
}
