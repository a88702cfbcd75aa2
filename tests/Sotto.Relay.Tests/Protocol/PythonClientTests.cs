using Sotto.Relay.Tests.Running;
using Sotto.Wire.Links;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>A client in another language, written from docs/protocol alone, against the real executable.</summary>
public sealed class PythonClientTests
{
    private static readonly string Vectors = Repository.PathOf("docs", "protocol", "vectors");

    [Fact]
    public async Task A_client_in_Python_makes_the_vectors_and_walks_through_every_step_of_a_joining()
    {
        using var python = await PythonClient.PrepareAsync();
        using var folder = new RelayFolder();
        await using var relay = await RelayProcess.StartAsync(folder);
        var first = await relay.FirstLinkAsync();
        var second = await RelayProcess.InviteAsync(folder, relay.Address.Authority);

        var (code, output) = await python.RunAsync("join.py", Vectors, first, second);
        Assert.True(code == 0, output);
        Assert.EndsWith("joined\n", output, StringComparison.Ordinal);
    }

    /// <summary>The client checks what it is told: a relay with another identity gets nothing from it.</summary>
    [Fact]
    public async Task A_client_in_Python_refuses_a_relay_with_another_identity()
    {
        using var python = await PythonClient.PrepareAsync();
        using var folder = new RelayFolder();
        await using var relay = await RelayProcess.StartAsync(folder);
        Assert.True(RegistrationLink.TryParse(await relay.FirstLinkAsync(), out var link));
        var other = (link! with { Fingerprint = new(Bytes.Random(16)) }).ToLink();

        var (code, output) = await python.RunAsync("join.py", Vectors, other, other);
        Assert.Equal(1, code);
        Assert.Contains("another relay", output, StringComparison.Ordinal);
    }
}
