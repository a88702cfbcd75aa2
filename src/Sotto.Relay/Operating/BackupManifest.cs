using System.Text.Json;
using System.Text.Json.Serialization;
using Sotto.Relay.Storage;
using Sotto.Wire.Http;

namespace Sotto.Relay.Operating;

/// <summary>What a backup holds. It is written last, so a folder without it is no whole backup.</summary>
/// <param name="Format">1.</param>
/// <param name="MadeUnixSeconds">When it was made.</param>
/// <param name="Files">Each file but the blobs.</param>
/// <param name="Blobs">How many blobs.</param>
/// <param name="BlobBytes">Their size.</param>
public sealed record BackupManifest(int Format, long MadeUnixSeconds, IReadOnlyList<BackupFile> Files, int Blobs, long BlobBytes)
{
    internal const string FileName = "backup.json";

    internal const int KnownFormat = 1;

    /// <summary>Reads the manifest of a backup.</summary>
    /// <exception cref="StorageException">The folder is no whole backup of a format that this version knows.</exception>
    public static BackupManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new StorageException(StorageFailure.Damaged, $"{folder} is no whole backup: {FileName} is not there.");
        try
        {
            var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), BackupJson.Default.BackupManifest);
            if (manifest is { Format: > KnownFormat })
                throw new StorageException(StorageFailure.Newer, $"A newer version of sotto made the backup in {folder}. Use that version.");
            return manifest is { Format: KnownFormat } && manifest.Files.All(file => BackupFile.Names.Contains(file.Name)) ? manifest : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new StorageException(StorageFailure.Damaged, $"{path} cannot be read.");
        }
    }

    internal void Write(string folder) =>
        PrivateFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, BackupJson.Default.BackupManifest));
}

/// <summary>One file of a backup.</summary>
/// <param name="Name">Its name, one of a fixed list.</param>
/// <param name="Hash">H of it.</param>
public sealed record BackupFile(string Name, byte[] Hash)
{
    internal static readonly string[] Names = ["accounts.db", "mailbox.db", "relay.key", "relay.state", "tls.pem"];

    internal static BackupFile Of(string folder, string name) => new(name, HashOf(Path.Combine(folder, name)));

    internal bool IsWhole(string folder) => File.Exists(Path.Combine(folder, Name)) && Hash.AsSpan().SequenceEqual(HashOf(Path.Combine(folder, Name)));

    private static byte[] HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return System.Security.Cryptography.SHA256.HashData(stream);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    Converters = [typeof(Base64UrlConverter)])]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
