using Sotto.Wire;
using SQLitePCL;

namespace Sotto.Relay.Storage.Sqlite;

/// <summary>
/// A prepared statement that is used again and again: <see cref="Start"/>, parameters in order, then <see cref="Next"/> for
/// each row or <see cref="Run"/>. Spans of a row are valid until the next call.
/// </summary>
internal sealed class SqliteStatement(sqlite3 connection, sqlite3_stmt statement) : IDisposable
{
    private int _bound;

    /// <summary>Makes it ready for parameters.</summary>
    public SqliteStatement Start()
    {
        Reset();
        return this;
    }

    public SqliteStatement With(long value) => Checked(raw.sqlite3_bind_int64(statement, ++_bound, value));

    public SqliteStatement With(ulong value) => With(unchecked((long)value));

    public SqliteStatement With(ReadOnlySpan<byte> value) => Checked(raw.sqlite3_bind_blob(statement, ++_bound, value));

    public SqliteStatement With(Bytes16 value)
    {
        Span<byte> bytes = stackalloc byte[Bytes16.Length];
        value.CopyTo(bytes);
        return With(bytes);
    }

    public SqliteStatement With(Bytes32 value)
    {
        Span<byte> bytes = stackalloc byte[Bytes32.Length];
        value.CopyTo(bytes);
        return With(bytes);
    }

    public SqliteStatement With(Bytes32? value) => value is { } given ? With(given) : WithNull();

    public SqliteStatement With(Bytes16? value) => value is { } given ? With(given) : WithNull();

    public SqliteStatement With(long? value) => value is { } given ? With(given) : WithNull();

    public SqliteStatement With(byte[]? value) => value is null ? WithNull() : With((ReadOnlySpan<byte>)value);

    /// <summary>The next row, if there is one. After the last it is reset.</summary>
    public bool Next()
    {
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
            return true;
        var message = result == raw.SQLITE_DONE ? null : raw.sqlite3_errmsg(connection).utf8_to_string();
        Reset();
        return message is null ? false : throw SqliteErrors.Of(result, message);
    }

    /// <summary>Runs it for its effect.</summary>
    public void Run()
    {
        _ = Next();
        Reset();
    }

    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    public ulong Number(int column) => unchecked((ulong)Integer(column));

    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    public byte[] Bytes(int column) => Blob(column).ToArray();

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public Bytes16 Sixteen(int column) => new(Blob(column));

    public Bytes32 ThirtyTwo(int column) => new(Blob(column));

    public Bytes32? OptionalThirtyTwo(int column) => IsNull(column) ? null : ThirtyTwo(column);

    public long? OptionalInteger(int column) => IsNull(column) ? null : Integer(column);

    public byte[]? OptionalBytes(int column) => IsNull(column) ? null : Bytes(column);

    public void Reset()
    {
        if (_bound != 0)
            _ = raw.sqlite3_clear_bindings(statement);
        _bound = 0;
        _ = raw.sqlite3_reset(statement);
    }

    public void Dispose() => statement.Dispose();

    private SqliteStatement WithNull() => Checked(raw.sqlite3_bind_null(statement, ++_bound));

    private SqliteStatement Checked(int result) =>
        result == raw.SQLITE_OK ? this : throw SqliteErrors.Of(result, "A parameter was refused.");
}
