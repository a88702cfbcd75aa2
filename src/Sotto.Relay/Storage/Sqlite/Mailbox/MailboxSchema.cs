namespace Sotto.Relay.Storage.Sqlite.Mailbox;

/// <summary>
/// The mailbox plane's file. Channels have random keys and their rows no order of arrival; days are the only times but for
/// the end of a capability's overlap, which is cleared when it is over.
/// </summary>
/// <remarks>
/// Entries begin in <c>log</c>, in order of arrival and without an index, which is what makes a commit cheap; memory knows
/// where they are. Soon after they are settled: into <c>entries</c> by channel, unless every mailbox has acknowledged them
/// by then, and their idempotency ids into <c>answers</c>, which memory finds by id. Intro entries never lie in the log, where their neighbours could
/// tell which conversation they belong to.
/// </remarks>
internal static class MailboxSchema
{
    public const string FileName = "mailbox.db";

    public static SqliteMigrations Migrations { get; } = new(0x534f_4d42, [Version1, Version2, Version3]);

    /// <summary>Invites' lanes are found by their hash alone, since one reservation stands for all channels at which it is.</summary>
    private const string Version2 = "CREATE INDEX lanes_of_invites ON lanes(lane_hash) WHERE kind IN (1, 2);";

    /// <summary>
    /// Answers lie in the order of their channel's entries: rows that are settled together then share pages, which ids in random
    /// order do not.
    /// </summary>
    private const string Version3 = """
        CREATE TABLE answers_of_entries(
            channel INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            idempotency_id BLOB NOT NULL,
            digest BLOB NOT NULL,
            day INTEGER NOT NULL,
            PRIMARY KEY(channel, sequence)) WITHOUT ROWID;
        INSERT INTO answers_of_entries SELECT channel, sequence, idempotency_id, digest, day FROM answers ORDER BY channel, sequence;
        DROP TABLE answers;
        ALTER TABLE answers_of_entries RENAME TO answers;
        """;

    private const string Version1 = """
        CREATE TABLE relay(
            id INTEGER PRIMARY KEY CHECK (id = 1),
            incarnation BLOB NOT NULL,
            restored_until INTEGER NOT NULL);
        CREATE TABLE channels(
            channel INTEGER PRIMARY KEY,
            id BLOB NOT NULL,
            kind INTEGER NOT NULL,
            incarnation BLOB NOT NULL,
            next_sequence INTEGER NOT NULL,
            first_sequence INTEGER NOT NULL,
            number INTEGER NOT NULL,
            write_hash BLOB NOT NULL,
            previous_write_hash BLOB,
            overlap_until INTEGER NOT NULL,
            proposals INTEGER NOT NULL,
            day INTEGER NOT NULL);
        CREATE UNIQUE INDEX channels_by_id ON channels(id);
        CREATE INDEX channels_in_overlap ON channels(overlap_until) WHERE overlap_until != 0;
        CREATE TABLE mailboxes(
            channel INTEGER NOT NULL,
            mailbox BLOB NOT NULL,
            claim_hash BLOB,
            read_hash BLOB,
            next_read_hash BLOB,
            cursor INTEGER NOT NULL,
            dropped_at INTEGER,
            note BLOB,
            wake_token BLOB,
            day INTEGER NOT NULL,
            PRIMARY KEY(channel, mailbox)) WITHOUT ROWID;
        CREATE TABLE log(
            id INTEGER PRIMARY KEY,
            channel INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            day INTEGER NOT NULL,
            keep_until INTEGER NOT NULL,
            idempotency_id BLOB NOT NULL,
            digest BLOB NOT NULL,
            body BLOB NOT NULL);
        CREATE TABLE entries(
            channel INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            keep_until INTEGER NOT NULL,
            day INTEGER NOT NULL,
            reserve_hash BLOB,
            body BLOB NOT NULL,
            PRIMARY KEY(channel, sequence)) WITHOUT ROWID;
        CREATE TABLE answers(
            channel INTEGER NOT NULL,
            idempotency_id BLOB NOT NULL,
            digest BLOB NOT NULL,
            sequence INTEGER NOT NULL,
            day INTEGER NOT NULL,
            PRIMARY KEY(channel, idempotency_id)) WITHOUT ROWID;
        CREATE TABLE lanes(
            channel INTEGER NOT NULL,
            lane_hash BLOB NOT NULL,
            kind INTEGER NOT NULL,
            expires_hour INTEGER,
            uses INTEGER NOT NULL,
            PRIMARY KEY(channel, lane_hash)) WITHOUT ROWID;
        CREATE TABLE reservations(
            lane_hash BLOB NOT NULL,
            reserve_hash BLOB NOT NULL,
            expires_hour INTEGER,
            PRIMARY KEY(lane_hash, reserve_hash)) WITHOUT ROWID;
        CREATE TABLE vouchers(hash BLOB PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE voucher_batches(hash BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE blobs(
            channel BLOB NOT NULL,
            blob BLOB NOT NULL,
            capability_hash BLOB NOT NULL,
            length INTEGER NOT NULL,
            complete INTEGER NOT NULL,
            expires_day INTEGER NOT NULL,
            PRIMARY KEY(channel, blob)) WITHOUT ROWID;
        """;
}
