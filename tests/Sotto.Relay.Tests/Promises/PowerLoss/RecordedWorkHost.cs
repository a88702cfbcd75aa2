namespace Sotto.Relay.Tests.Promises.PowerLoss;

/// <summary>What <see cref="Recording"/> runs in a process of its own; nothing else asks for it.</summary>
public sealed class RecordedWorkHost
{
    [Fact(Explicit = true)]
    public async Task The_relay_works_while_it_is_recorded()
    {
        var folder = Environment.GetEnvironmentVariable(Recording.FolderVariable);
        Assert.SkipWhen(folder is null, "Only run by the power loss tests.");
        using var work = new RecordedWork(folder, bool.Parse(Environment.GetEnvironmentVariable(Recording.FlushesVariable)!));
        await work.RunAsync();
    }
}
