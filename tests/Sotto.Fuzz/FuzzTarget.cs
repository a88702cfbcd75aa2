using Sotto.Fuzz.Targets;
using Sotto.Fuzz.Targets.Mls;
using Sotto.Fuzz.Targets.Relay;

namespace Sotto.Fuzz;

/// <summary>What a target does with one input. It may be called millions of times in one process.</summary>
internal delegate void RunInput(ReadOnlySpan<byte> input);

/// <summary>A target by its name, which is also the name of its corpus folder.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Run">Throws when it finds something.</param>
/// <param name="Seeds">The inputs that the corpus began with, by file name.</param>
internal sealed record FuzzTarget(string Name, RunInput Run, Func<IEnumerable<(string Name, byte[] Input)>> Seeds)
{
    /// <summary>The longest input that is worth a run; longer ones are cut.</summary>
    public const int MaxInput = 4096;

    /// <summary>The targets of direct mode and the terminal.</summary>
    public static IReadOnlyList<FuzzTarget> OfDirectMode { get; } =
    [
        new("token", TokenTarget.Run, TokenSeeds.All),
        new("invite", InviteTarget.Run, InviteSeeds.All),
        new("text", TextTarget.Run, TextSeeds.All),
        new("frame", FrameTarget.Run, FrameSeeds.All),
        new("handshake", HandshakeTarget.Run, HandshakeSeeds.All),
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } = [.. OfDirectMode, .. MlsTargets.All, .. RelayTargets.All];

    /// <summary>Where the kept inputs lie, in the repository that this was built in.</summary>
    public string Corpus
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                var corpus = Path.Combine(folder.FullName, "tests", "Sotto.Fuzz", "corpus", Name);
                if (Directory.Exists(corpus))
                    return corpus;
            }

            throw new DirectoryNotFoundException($"There is no corpus of {Name} above {AppContext.BaseDirectory}.");
        }
    }

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);

    public void RunCut(ReadOnlySpan<byte> input) => Run(input[..Math.Min(input.Length, MaxInput)]);
}
