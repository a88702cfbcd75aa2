using System.Text.Json;

namespace Sotto.Tests.Vectors;

/// <summary>One Wycheproof case and the group whose parameters it shares.</summary>
internal readonly record struct VectorCase(JsonElement Group, JsonElement Test)
{
    public int Id => Test.GetProperty("tcId").GetInt32();

    public string Comment => Test.TryGetProperty("comment", out var comment) ? comment.GetString()! : "";

    public string Result => Test.GetProperty("result").GetString()!;

    public bool IsValid => Result == "valid";

    public byte[] this[string name] => Convert.FromHexString(Test.GetProperty(name).GetString()!);

    public bool Has(string flag) =>
        Test.TryGetProperty("flags", out var flags) && flags.EnumerateArray().Any(value => value.GetString() == flag);
}
