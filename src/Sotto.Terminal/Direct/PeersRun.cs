using Sotto.Crypto.Native;
using Sotto.Direct.Identities;
using Sotto.Terminal.Commands;
using Sotto.Terminal.Screen;

namespace Sotto.Terminal.Direct;

/// <summary><c>sotto direct peers list|forget</c>.</summary>
internal static class PeersRun
{
    public static int List()
    {
        var crypto = new NativeCryptoProvider();
        var peers = new PeerBook(crypto, ProfileFolder.FromEnvironment().PeersFile).List();
        foreach (var peer in peers)
        {
            var state = peer.Verified ? "verified" : "not verified";
            Console.Out.WriteLine($"{ShownText.Of(peer.Name)}  {Fingerprint.Of(crypto, peer.Key)}  {state}  {string.Join(", ", peer.Addresses)}".TrimEnd());
        }

        if (peers.Count == 0)
            Console.Error.WriteLine("Nobody is remembered yet.");
        return ExitCode.Done;
    }

    public static int Forget(string name)
    {
        var book = new PeerBook(new NativeCryptoProvider(), ProfileFolder.FromEnvironment().PeersFile);
        if (!book.Forget(name))
            throw new UsageException($"Nobody is remembered as {name}. See: sotto direct peers list");
        Console.Error.WriteLine($"The key of {name} is forgotten. The next key that comes under this name is new to you: verify it.");
        return ExitCode.Done;
    }
}
