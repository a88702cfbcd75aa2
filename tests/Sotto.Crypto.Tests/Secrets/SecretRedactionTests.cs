using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace Sotto.Crypto.Tests.Secrets;

/// <summary>Whatever turns objects into text must not find the bytes: here they are those of the word "sesame".</summary>
public sealed class SecretRedactionTests : IDisposable
{
    private const string Redacted = "Secret (redacted)";

    private static readonly JsonSerializerOptions WithFields = new() { IncludeFields = true };

    private readonly Secret _secret = Secret.CopyOf("sesame"u8);

    public void Dispose() => _secret.Dispose();

    [Fact]
    public void Text_says_only_that_it_is_redacted()
    {
        Assert.Equal(Redacted, _secret.ToString());
        Assert.Equal($"key: {Redacted}", $"key: {_secret}");
        Assert.Equal($"key: {Redacted}", string.Format(null, "key: {0}", _secret));
        Assert.Equal($"key: {Redacted}", "key: " + _secret);
    }

    [Fact]
    public void A_record_that_holds_one_prints_it_redacted() =>
        Assert.Equal($"Holder {{ Name = Alice, Key = {Redacted} }}", new Holder("Alice", _secret).ToString());

    [Fact]
    public void Json_holds_the_length_and_no_bytes()
    {
        Assert.Equal("""{"Length":6}""", JsonSerializer.Serialize(_secret));
        Assert.Equal(
            """{"Name":"Alice","Key":{"Length":6}}""",
            JsonSerializer.Serialize(new Holder("Alice", _secret), WithFields));
    }

    [Fact]
    public void An_exception_text_with_one_holds_no_bytes() =>
        Assert.Equal(Redacted, new InvalidOperationException(_secret.ToString()).Message);

    [Fact]
    public void The_debugger_shows_text_without_members()
    {
        var display = typeof(Secret).GetCustomAttribute<DebuggerDisplayAttribute>();
        Assert.Equal(Redacted, display?.Value);

        foreach (var member in typeof(Secret).GetMembers(AllMembers).Where(HoldsState))
        {
            var browsable = member.GetCustomAttribute<DebuggerBrowsableAttribute>();
            Assert.True(browsable?.State == DebuggerBrowsableState.Never, $"{member.Name} shows in the debugger");
        }
    }

    [Fact]
    public void The_debuggers_view_holds_one_redacted_text()
    {
        var proxy = typeof(Secret).GetCustomAttribute<DebuggerTypeProxyAttribute>();
        var view = Type.GetType(proxy!.ProxyTypeName, throwOnError: true)!;
        var shown = Activator.CreateInstance(view, _secret);

        var property = Assert.Single(view.GetProperties());
        Assert.Equal(Redacted, property.GetValue(shown));
    }

    private const BindingFlags AllMembers =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static bool HoldsState(MemberInfo member) => member is FieldInfo or PropertyInfo;

    private sealed record Holder(string Name, Secret Key);
}
