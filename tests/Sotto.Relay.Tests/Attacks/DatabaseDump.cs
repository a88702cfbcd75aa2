using System.Text;
using Sotto.Relay.Storage.Sqlite;

namespace Sotto.Relay.Tests.Attacks;

/// <summary>All rows and columns of a database, as somebody reads them who took the file.</summary>
internal sealed class DatabaseDump
{
    private DatabaseDump(IReadOnlyDictionary<string, IReadOnlyList<Row>> tables) => Tables = tables;

    /// <summary>Rows by table.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Row>> Tables { get; }

    public static DatabaseDump Read(string path)
    {
        using var connection = SqliteConnection.Open(path, readOnly: true);
        return new(Texts(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").ToDictionary(table => table, table => ReadTable(connection, table)));
    }

    /// <summary>Both files of a relay as one text: equal exactly when nothing changed.</summary>
    public static string Of(string folder) => string.Join('\n', new[] { "accounts.db", "mailbox.db" }
        .SelectMany(file => Read(Path.Combine(folder, file)).Tables)
        .SelectMany(table => table.Value.Select(row => table.Key + " " + row)));

    private static IReadOnlyList<Row> ReadTable(SqliteConnection connection, string table)
    {
        var columns = Texts(connection, $"SELECT name FROM pragma_table_info('{table}')");
        var values = string.Join(" || ' ' || ", columns.Select(column => $"quote({column})"));
        return [.. Texts(connection, $"SELECT {values} FROM {table} ORDER BY 1").Select(row => new Row(columns, row.Split(' ')))];
    }

    private static List<string> Texts(SqliteConnection connection, string sql)
    {
        var texts = new List<string>();
        using var statement = connection.PrepareOnce(sql);
        statement.Start();
        while (statement.Next())
            texts.Add(Encoding.UTF8.GetString(statement.Blob(0)));
        return texts;
    }

    /// <summary>One row: values as SQL writes them, so bytes are <c>X'…'</c>.</summary>
    internal sealed record Row(IReadOnlyList<string> Columns, IReadOnlyList<string> Values)
    {
        public string this[string column] => Values[Columns.ToList().IndexOf(column)];

        /// <summary>The bytes of a column in hexadecimal.</summary>
        public string Hex(string column) => this[column][2..^1];

        public override string ToString() => string.Join(' ', Values);
    }
}
