using System.Buffers.Binary;
using System.Collections.Concurrent;
using Sotto.Crypto;
using Sotto.Wire.Records;

namespace Sotto.Client.Storage;

/// <summary>
/// A store whose file says nothing to somebody without its key (docs/threat-model.md): names are HMACs under an index key,
/// values XChaCha20-Poly1305 under a key for each scope, with table, row, schema version and generation as associated data,
/// padded in steps.
/// </summary>
public sealed class SealedStore : IClientStore
{
    private const int HashLength = 16;
    private const int SmallestValue = 64;

    private readonly ICryptoProvider _crypto;
    private readonly IRecordFile _file;
    private readonly Secret _root;
    private readonly byte[] _indexKey;
    private readonly ConcurrentDictionary<string, byte[]> _scopeKeys = new(StringComparer.Ordinal);

    private SealedStore(ICryptoProvider crypto, IRecordFile file, Secret root)
    {
        (_crypto, _file, _root) = (crypto, file, root);
        _indexKey = Derive("sotto 1 index"u8, default);
    }

    /// <summary>Whether a file's store needs a passphrase; null for a new file.</summary>
    /// <exception cref="ClientException">The header is damaged or of a newer version.</exception>
    public static async Task<bool?> NeedsPassphraseAsync(IRecordFile file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return await file.ReadHeaderAsync(cancellationToken).ConfigureAwait(false) is { } header ? StoreHeader.NeedsPassphrase(header) : null;
    }

    /// <summary>Opens the store in a file, or makes it. The store disposes the file.</summary>
    /// <exception cref="ClientException">The key does not open it.</exception>
    public static async Task<SealedStore> OpenAsync(ICryptoProvider crypto, IRecordFile file, StoreKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (await file.ReadHeaderAsync(cancellationToken).ConfigureAwait(false) is { } header)
            return new(crypto, file, StoreHeader.Open(crypto, header, key));
        var (made, root) = StoreHeader.Make(crypto, key);
        await file.WriteHeaderAsync(made, cancellationToken).ConfigureAwait(false);
        return new(crypto, file, root);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> FindAsync(RecordKey key, CancellationToken cancellationToken = default)
    {
        var row = await _file.FindAsync(RowOf(key), cancellationToken).ConfigureAwait(false);
        return row is null ? null : Open(key.Table, key.Scope, row).Value;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(StoreTable table, ReadOnlyMemory<byte> scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        var rows = await _file.ReadAsync(table.Number, HashOfScope(table, scope), null, int.MaxValue, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => Open(table, scope, row))];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredRecord>> ReadBeforeAsync(StoreTable table, ReadOnlyMemory<byte> scope, ulong before, int most, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        var rows = await _file.ReadAsync(table.Number, HashOfScope(table, scope), StoreChanges.Order(before), most, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => Open(table, scope, row))];
    }

    /// <inheritdoc/>
    public ValueTask CommitAsync(StoreChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return _file.CommitAsync([.. changes.Records.Select(change => Seal(change.Key, change.Value))], cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        _root.Dispose();
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_indexKey);
        foreach (var key in _scopeKeys.Values)
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
    }

    private RowKey RowOf(RecordKey key) => new(key.Table.Number, HashOfScope(key.Table, key.Scope), key.Table.IsOrdered ? key.Name : HashOfName(key));

    private byte[] HashOfScope(StoreTable table, ReadOnlyMemory<byte> scope) => Mac(new TlsWriter().Byte(0).Byte(table.Number).Vector(scope.Span).Written);

    private byte[] HashOfName(RecordKey key) => Mac(new TlsWriter().Byte(1).Byte(key.Table.Number).Vector(key.Scope.Span).Vector(key.Name.Span).Written);

    private byte[] Mac(ReadOnlySpan<byte> data)
    {
        Span<byte> mac = stackalloc byte[Sizes.Digest(HashAlgorithm.Sha256)];
        _crypto.Hmac(HashAlgorithm.Sha256, _indexKey, data, mac);
        return mac[..HashLength].ToArray();
    }

    private FileRow Seal(RecordKey key, byte[]? value)
    {
        var row = RowOf(key);
        if (value is null)
            return new(row, _file.Opening, null);
        var content = new TlsWriter().Vector(key.Name.Span).Vector(value);
        var padded = new byte[PaddedLength(content.Written.Length)];
        content.Written.CopyTo(padded);
        var sealedValue = SealedBytes.Seal(_crypto, KeyOf(row.Scope), AssociatedData(key.Table, row, _file.Opening), padded);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(padded);
        return new(row, _file.Opening, [key.Table.Version, .. sealedValue]);
    }

    private StoredRecord Open(StoreTable table, ReadOnlyMemory<byte> scope, FileRow row)
    {
        var value = row.Value!;
        if (value.Length > 0 && value[0] > table.Version)
            throw new ClientException(ClientFailure.StoreTooNew, "The profile was written by a newer version. It was not changed.");
        var content = SealedBytes.Open(_crypto, KeyOf(row.Key.Scope), AssociatedData(table, row.Key, row.Generation), value.AsSpan(1)) ?? throw Damaged();
        var reader = new TlsReader(content);
        var name = reader.Vector().ToArray();
        var opened = reader.Vector().ToArray();
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(content);
        return reader.Position > 0 ? new(new(table, scope, name), opened) : throw Damaged();
    }

    private static byte[] AssociatedData(StoreTable table, RowKey row, long generation)
    {
        var number = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, generation);
        return [table.Number, .. row.Scope.Span, .. row.Name.Span, table.Version, .. number];
    }

    private byte[] KeyOf(ReadOnlyMemory<byte> scope) => _scopeKeys.GetOrAdd(Convert.ToHexString(scope.Span), _ => Derive("sotto 1 records"u8, scope.Span));

    private byte[] Derive(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context)
    {
        var key = new byte[StoreHeader.KeyLength];
        _crypto.HkdfExpand(HashAlgorithm.Sha256, _root.Bytes, new TlsWriter().Bytes(label).Bytes(context).Written, key);
        return key;
    }

    private static int PaddedLength(int length) => length <= 4096
        ? Math.Max(SmallestValue, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length))
        : Conversations.PayloadPadding.Padded(length);

    private static ClientException Damaged() => new(ClientFailure.StoreUnusable, "A record of the profile is damaged.");
}
