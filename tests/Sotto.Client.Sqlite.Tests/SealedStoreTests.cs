using System.Text;
using Sotto.Client.Storage;
using Sotto.Crypto;
using Sotto.Crypto.Native;

namespace Sotto.Client.Sqlite.Tests;

/// <summary>The sealed store over a SQLite file of its own, opened and closed as a restarted program would.</summary>
public sealed class SealedStoreTests : IDisposable
{
    private static readonly NativeCryptoProvider Crypto = new();
    private static readonly Argon2Cost Weak = new(1, 8);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sotto-store-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "store.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Records_are_there_after_the_store_is_opened_again()
    {
        await using (var store = await OpenAsync())
            await store.CommitAsync(new StoreChanges().Save(Name("a"), [1, 2, 3]).Save(Name("b"), []));

        await using var again = await OpenAsync();
        Assert.Equal([1, 2, 3], await again.FindAsync(Name("a")));
        Assert.Empty((await again.FindAsync(Name("b")))!);
        Assert.Null(await again.FindAsync(Name("c")));
        Assert.Equal(2, (await again.ReadAsync(StoreTable.Invites, Scope)).Count);
    }

    [Fact]
    public async Task A_record_that_was_deleted_is_gone_and_one_that_was_saved_again_has_the_new_value()
    {
        await using var store = await OpenAsync();
        await store.CommitAsync(new StoreChanges().Save(Name("a"), [1]).Save(Name("b"), [2]));

        await store.CommitAsync(new StoreChanges().Delete(Name("a")).Save(Name("b"), [3]));

        Assert.Null(await store.FindAsync(Name("a")));
        Assert.Equal([3], await store.FindAsync(Name("b")));
    }

    [Fact]
    public async Task Ordered_records_are_read_from_the_end_in_their_order()
    {
        await using var store = await OpenAsync();
        var changes = new StoreChanges();
        foreach (var number in (ulong[])[300, 1, 2, 256, 255])
            changes.Save(Place(number), BitConverter.GetBytes(number));
        await store.CommitAsync(changes);

        var last = await store.ReadBeforeAsync(StoreTable.Messages, Scope, ulong.MaxValue, 3);
        var before = await store.ReadBeforeAsync(StoreTable.Messages, Scope, 256, 2);

        Assert.Equal([255UL, 256UL, 300UL], last.Select(record => BitConverter.ToUInt64(record.Value)));
        Assert.Equal([2UL, 255UL], before.Select(record => BitConverter.ToUInt64(record.Value)));
    }

    [Fact]
    public async Task Nothing_that_is_stored_can_be_read_in_the_files()
    {
        await using (var store = await OpenAsync())
            await store.CommitAsync(new StoreChanges().Save(Name("canary-name"), "canary-value"u8.ToArray()));

        foreach (var file in _folder.EnumerateFiles())
            Assert.Equal(-1, (await File.ReadAllBytesAsync(file.FullName)).AsSpan().IndexOf("canary"u8));
    }

    [Fact]
    public async Task Another_key_does_not_open_the_store_and_changes_nothing()
    {
        await using (var store = await OpenAsync())
            await store.CommitAsync(new StoreChanges().Save(Name("a"), [1]));

        var refused = await Assert.ThrowsAsync<ClientException>(() => OpenAsync("wrong"));

        Assert.Equal(ClientFailure.StoreUnusable, refused.Failure);
        await using var again = await OpenAsync();
        Assert.Equal([1], await again.FindAsync(Name("a")));
    }

    [Fact]
    public async Task A_second_process_is_refused_while_one_has_the_store_open()
    {
        await using var store = await OpenAsync();

        var refused = Assert.Throws<ClientException>(() => SqliteRecordFile.Open(Path));

        Assert.Equal(ClientFailure.StoreTaken, refused.Failure);
    }

    [Fact]
    public async Task A_row_that_was_moved_to_another_name_does_not_open()
    {
        await using (var store = await OpenAsync())
            await store.CommitAsync(new StoreChanges().Save(Name("a"), [1]).Save(Name("b"), [2]));
        Change("UPDATE records SET value = (SELECT value FROM records ORDER BY name LIMIT 1)");

        // Names are hashes under the store's key, so that either of the two may be the one with a foreign value.
        await using var again = await OpenAsync();
        var refusals = new List<ClientException>();
        foreach (var name in new[] { "a", "b" })
        {
            if (await Record.ExceptionAsync(async () => await again.FindAsync(Name(name))) is ClientException refused)
                refusals.Add(refused);
        }

        Assert.Equal(ClientFailure.StoreUnusable, Assert.Single(refusals).Failure);
    }

    [Fact]
    public async Task A_row_whose_generation_was_changed_does_not_open()
    {
        await using (var store = await OpenAsync())
            await store.CommitAsync(new StoreChanges().Save(Name("a"), [1]));
        Change("UPDATE records SET generation = generation + 1");

        await using var again = await OpenAsync();
        var refused = await Assert.ThrowsAsync<ClientException>(async () => await again.FindAsync(Name("a")));

        Assert.Equal(ClientFailure.StoreUnusable, refused.Failure);
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused_unchanged()
    {
        await (await OpenAsync()).DisposeAsync();
        Change("PRAGMA user_version = 2");
        var before = await File.ReadAllBytesAsync(Path);

        var refused = Assert.Throws<ClientException>(() => SqliteRecordFile.Open(Path));

        Assert.Equal(ClientFailure.StoreTooNew, refused.Failure);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path));
    }

    [Fact]
    public async Task A_store_under_a_key_file_opens_with_those_bytes_alone()
    {
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        using (var right = StoreKey.FromFile(key))
        await using (var store = await SealedStore.OpenAsync(Crypto, SqliteRecordFile.Open(Path), right))
            await store.CommitAsync(new StoreChanges().Save(Name("a"), [1]));

        key[0] ^= 1;
        var file = SqliteRecordFile.Open(Path);
        await using var closing = file;
        using var wrong = StoreKey.FromFile(key);
        Assert.Equal(false, await SealedStore.NeedsPassphraseAsync(file));
        Assert.Equal(ClientFailure.StoreUnusable, (await Assert.ThrowsAsync<ClientException>(() => SealedStore.OpenAsync(Crypto, file, wrong))).Failure);
    }

    private static ReadOnlyMemory<byte> Scope => "scope"u8.ToArray();

    private static RecordKey Name(string name) => new(StoreTable.Invites, Scope, Encoding.UTF8.GetBytes(name));

    private static RecordKey Place(ulong number) => new(StoreTable.Messages, Scope, StoreChanges.Order(number));

    private async Task<SealedStore> OpenAsync(string passphrase = "right")
    {
        using var key = StoreKey.FromPassphrase(Encoding.UTF8.GetBytes(passphrase), Weak);
        var file = SqliteRecordFile.Open(Path);
        try
        {
            return await SealedStore.OpenAsync(Crypto, file, key);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>What somebody with the file and without the key may do to it.</summary>
    private void Change(string sql)
    {
        Assert.Equal(SQLitePCL.raw.SQLITE_OK, SQLitePCL.raw.sqlite3_open(Path, out var database));
        using (database)
            Assert.Equal(SQLitePCL.raw.SQLITE_OK, SQLitePCL.raw.sqlite3_exec(database, sql));
    }
}
