namespace Sotto.Fuzz;

/// <summary>Runs many inputs through a target without afl. What goes wrong is thrown, with the input that did it.</summary>
internal static class FuzzRun
{
    /// <summary>The inputs of a corpus folder with their file names, in the order of the names.</summary>
    public static IReadOnlyList<(string Name, byte[] Input)> Corpus(string folder) =>
        [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))];

    /// <returns>How many inputs there were.</returns>
    /// <exception cref="FailedInputException">A target threw.</exception>
    public static int Replay(FuzzTarget target, string folder)
    {
        var corpus = Corpus(folder);
        foreach (var (name, input) in corpus)
            RunOne(target, input, name);
        return corpus.Count;
    }

    /// <exception cref="FailedInputException">A target threw.</exception>
    public static void Random(FuzzTarget target, string folder, ulong seed, int runs)
    {
        var mutator = new Mutator([.. Corpus(folder).Select(entry => entry.Input)], new(seed));
        for (var run = 0; run < runs; run++)
            RunOne(target, mutator.Next(), $"seed {seed}, run {run}");
    }

    private static void RunOne(FuzzTarget target, byte[] input, string origin)
    {
        try
        {
            target.RunCut(input);
        }
        catch (Exception failure)
        {
            throw new FailedInputException(target.Name, origin, input, failure);
        }
    }
}

/// <summary>An input with which a target found something.</summary>
internal sealed class FailedInputException(string target, string origin, byte[] input, Exception failure)
    : Exception($"{target}, {origin}: {failure.GetType().Name}: {failure.Message} (input: {Convert.ToHexStringLower(input)})", failure)
{
    public byte[] Input { get; } = input;
}
