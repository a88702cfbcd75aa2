using System.Text.Json;
using System.Text.Json.Serialization;
using Sotto.Relay.Storage;
using Sotto.Wire.Http;

namespace Sotto.Relay.Hosting;

/// <summary>Where a relay was last reached, for commands that run beside it.</summary>
/// <param name="Address">HOST:PORT that links carry.</param>
/// <param name="Listening">The URL on which it listens itself.</param>
/// <param name="SpkiHash">H of its certificate's SubjectPublicKeyInfo; null without TLS.</param>
public sealed record RelayPlace(string Address, Uri Listening, byte[]? SpkiHash)
{
    /// <summary>What the relay of a folder stored at its last start; null when it never started.</summary>
    /// <exception cref="StorageException">The file is damaged.</exception>
    public static RelayPlace? Of(string folder) => RelayState.Open(folder).Place;
}

/// <summary>
/// What a relay remembers beside its databases: the number of its last statement, which may not fall when the clock does, and
/// where it is reached.
/// </summary>
internal sealed class RelayState
{
    /// <summary>The file's name.</summary>
    public const string FileName = "relay.state";

    private readonly Lock _gate = new();
    private readonly string _path;
    private StoredState _state;

    private RelayState(string path, StoredState state) => (_path, _state) = (path, state);

    /// <summary>Where it was last reached.</summary>
    public RelayPlace? Place => _state.Place;

    /// <summary>Reads what is stored in a folder; nothing when there is no file yet.</summary>
    /// <exception cref="StorageException">The file is damaged and was not changed.</exception>
    public static RelayState Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return new(path, File.Exists(path) ? Read(path) : new(0, null));
    }

    /// <summary>A number above all before: stored before it is given.</summary>
    /// <exception cref="StorageException">It could not be stored.</exception>
    public ulong NextStatementNumber(DateTimeOffset now)
    {
        lock (_gate)
        {
            var number = Math.Max(_state.StatementNumber + 1, (ulong)now.ToUnixTimeMilliseconds());
            Save(_state with { StatementNumber = number });
            return number;
        }
    }

    /// <summary>Notes where the relay is reached.</summary>
    /// <exception cref="StorageException">It could not be stored.</exception>
    public void Listens(RelayPlace place)
    {
        lock (_gate)
            Save(_state with { Place = place });
    }

    private static StoredState Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), RelayStateJson.Default.StoredState) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new StorageException(StorageFailure.Damaged, $"{path} cannot be read. It was not changed; without it the relay begins a new one.");
        }
    }

    private void Save(StoredState state)
    {
        PrivateFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(state, RelayStateJson.Default.StoredState));
        _state = state;
    }
}

/// <summary>The file's content.</summary>
internal sealed record StoredState(ulong StatementNumber, RelayPlace? Place);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(Base64UrlConverter)])]
[JsonSerializable(typeof(StoredState))]
internal sealed partial class RelayStateJson : JsonSerializerContext;
