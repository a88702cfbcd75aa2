namespace Sotto.Relay.Storage.Sqlite.Accounts;

/// <summary>The account plane's file. Times are days or hours; no value of it is in the mailbox plane's file, but for the intro channel inside a reachability record.</summary>
internal static class AccountSchema
{
    public const string FileName = "accounts.db";

    public static SqliteMigrations Migrations { get; } = new(0x534f_4143, [Version1, Version2, Version3]);

    /// <summary>The operator's account, and the links that make one.</summary>
    private const string Version2 = """
        ALTER TABLE accounts ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE registrations ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
        """;

    /// <summary>
    /// Packages that were given lie there once, however often they were given, and answers name them by their hash; answers in
    /// the old form are let go, so that a claim which is repeated over this step gets other packages. An open invite knows the
    /// registration that ends with it. Of an account that was deleted H of its id stays, so that its old receipt makes no new one.
    /// </summary>
    private const string Version3 = """
        CREATE TABLE given_packages(
            account BLOB NOT NULL,
            hash BLOB NOT NULL,
            day INTEGER NOT NULL,
            package BLOB NOT NULL,
            PRIMARY KEY(account, hash)) WITHOUT ROWID;
        DELETE FROM claims;
        ALTER TABLE contacts ADD COLUMN registration_hash BLOB;
        CREATE TABLE gone_accounts(hash BLOB PRIMARY KEY) WITHOUT ROWID;
        """;

    private const string Version1 = """
        CREATE TABLE accounts(
            account BLOB PRIMARY KEY,
            genesis BLOB NOT NULL,
            head BLOB NOT NULL,
            day INTEGER NOT NULL,
            vouchers_left INTEGER NOT NULL,
            vouchers_day INTEGER NOT NULL,
            delete_day INTEGER) WITHOUT ROWID;
        CREATE TABLE lists(
            account BLOB NOT NULL,
            hash BLOB NOT NULL,
            number INTEGER NOT NULL,
            record BLOB NOT NULL,
            PRIMARY KEY(account, hash)) WITHOUT ROWID;
        CREATE TABLE devices(
            account BLOB NOT NULL,
            device BLOB NOT NULL,
            reach_number INTEGER NOT NULL,
            reach BLOB,
            PRIMARY KEY(account, device)) WITHOUT ROWID;
        CREATE TABLE key_packages(
            account BLOB NOT NULL,
            device BLOB NOT NULL,
            hash BLOB NOT NULL,
            last_resort INTEGER NOT NULL,
            used INTEGER NOT NULL,
            expires_day INTEGER NOT NULL,
            package BLOB NOT NULL,
            PRIMARY KEY(account, device, last_resort, hash)) WITHOUT ROWID;
        CREATE TABLE claims(
            account BLOB NOT NULL,
            id BLOB NOT NULL,
            contact_hash BLOB NOT NULL,
            day INTEGER NOT NULL,
            answer BLOB NOT NULL,
            PRIMARY KEY(account, id)) WITHOUT ROWID;
        CREATE TABLE contacts(
            account BLOB NOT NULL,
            hash BLOB NOT NULL,
            kind INTEGER NOT NULL,
            state INTEGER NOT NULL,
            claims_left INTEGER,
            expires_hour INTEGER,
            reads_until_day INTEGER,
            card BLOB,
            PRIMARY KEY(account, hash)) WITHOUT ROWID;
        CREATE TABLE registrations(
            hash BLOB PRIMARY KEY,
            uses_left INTEGER NOT NULL,
            state INTEGER NOT NULL,
            expires_hour INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE recovery_records(
            account BLOB NOT NULL,
            day INTEGER NOT NULL,
            number INTEGER NOT NULL,
            record BLOB NOT NULL,
            PRIMARY KEY(account, day)) WITHOUT ROWID;
        CREATE TABLE voucher_requests(
            account BLOB NOT NULL,
            id BLOB NOT NULL,
            digest BLOB NOT NULL,
            day INTEGER NOT NULL,
            PRIMARY KEY(account, id)) WITHOUT ROWID;
        """;
}
