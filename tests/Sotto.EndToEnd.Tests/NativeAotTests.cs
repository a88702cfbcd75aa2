using System.Diagnostics;
using System.Text;
using Sotto.EndToEnd.Tests.Running;

namespace Sotto.EndToEnd.Tests;

/// <summary>The command as a native executable.</summary>
public sealed class NativeAotTests
{
    [SlowFact]
    public async Task The_native_executable_is_published_without_a_warning_and_two_of_it_talk()
    {
        var folder = Repository.PathOf("artifacts", "aot");
        var log = await PublishAsync(folder);
        Assert.DoesNotContain("warning", log, StringComparison.OrdinalIgnoreCase);
        var bytes = Directory.GetFiles(folder).Where(file => Path.GetExtension(file) is not (".dbg" or ".pdb" or ".xml")).Sum(file => new FileInfo(file).Length);
        // 28 MB with relay and messenger; what grows it by a fifth is to be looked at.
        Assert.InRange(bytes, 1_000_000, 34_000_000);

        using var ann = new Home();
        using var bob = new Home();
        var program = Path.Combine(folder, "sotto");
        await using var host = SottoProcess.Run(program, ann, [], "direct", "host", "--listen", "127.0.0.1:0", "--exchange", "rsa");
        await using var joiner = SottoProcess.Run(program, bob, [], "direct", "join", await host.InviteAsync());
        await Task.WhenAll(host.SendAllAsync("from the host\n"u8.ToArray()), joiner.SendAllAsync("from the joiner\n"u8.ToArray()));
        Assert.Equal(0, await joiner.ExitAsync());
        Assert.Equal(0, await host.ExitAsync());
        Assert.Equal("from the joiner\n", Encoding.UTF8.GetString(host.Out.Bytes));
        Assert.Equal("from the host\n", Encoding.UTF8.GetString(joiner.Out.Bytes));
    }

    private static async Task<string> PublishAsync(string folder)
    {
        var start = new ProcessStartInfo("dotnet", ["publish", "src/Sotto.Terminal", "-c", "Release", "-r", "linux-x64", "-p:Aot=true", "-p:RestoreLockedMode=true", "--artifacts-path", Repository.PathOf("artifacts", "aot-build"), "-o", folder, "-tl:off"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var publish = Process.Start(start)!;
        var output = publish.StandardOutput.ReadToEndAsync();
        var errors = publish.StandardError.ReadToEndAsync();
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, await output + await errors);
        return await output;
    }
}
