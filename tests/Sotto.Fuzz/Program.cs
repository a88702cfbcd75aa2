using System.Diagnostics;
using System.Security.Cryptography;
using Sotto.Fuzz;

return args switch
{
    ["--list"] => List(),
    ["--instrument", .. var libraries] => Instrument(libraries),
    [var name, .. var rest] when FuzzTarget.Find(name) is { } target => rest switch
    {
        [] => UnderAfl(target),
        ["--seeds", var folder] => WriteSeeds(target, folder),
        ["--replay", var folder] => Report(() => Console.WriteLine($"{target.Name}: {FuzzRun.Replay(target, folder)} inputs, no finding")),
        ["--random", var seed, "--runs", var runs] when ulong.TryParse(seed, out var number) && int.TryParse(runs, out var count) =>
            Report(() => RunRandom(target, number, count)),
        _ => Usage(),
    },
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Sotto.Fuzz TARGET                                        one target under afl-fuzz; the libraries beside it must be instrumented
        Sotto.Fuzz TARGET --replay FOLDER                        every file of a folder once
        Sotto.Fuzz TARGET --random SEED --runs N                 inputs made from the corpus; saves what it finds in this folder
        Sotto.Fuzz TARGET --seeds FOLDER                         writes the inputs that the corpus began with
        Sotto.Fuzz --instrument DLL...                           for afl-fuzz, in place
        Sotto.Fuzz --list                                        the targets
        """);
    return 2;
}

static int List()
{
    foreach (var target in FuzzTarget.All)
        Console.WriteLine(target.Name);
    return 0;
}

static int Instrument(string[] libraries)
{
    foreach (var library in libraries)
        SharpFuzz.Fuzzer.Instrument(library, _ => true, SharpFuzz.Options.Value);
    return 0;
}

static int UnderAfl(FuzzTarget target)
{
    var buffer = new byte[FuzzTarget.MaxInput];
    SharpFuzz.Fuzzer.Run(stream => target.Run(buffer.AsSpan(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false))));
    return 0;
}

static int WriteSeeds(FuzzTarget target, string folder)
{
    Directory.CreateDirectory(folder);
    foreach (var (name, input) in target.Seeds())
        File.WriteAllBytes(Path.Combine(folder, name), input);
    return 0;
}

static void RunRandom(FuzzTarget target, ulong seed, int runs)
{
    var clock = Stopwatch.StartNew();
    FuzzRun.Random(target, target.Corpus, seed, runs);
    Console.WriteLine($"{target.Name}: {runs} runs, seed {seed}, no finding, {runs / clock.Elapsed.TotalSeconds:0} runs/s");
}

static int Report(Action run)
{
    try
    {
        run();
        return 0;
    }
    catch (FailedInputException found)
    {
        var file = $"finding-{Convert.ToHexStringLower(SHA256.HashData(found.Input)).AsSpan(0, 12)}";
        File.WriteAllBytes(file, found.Input);
        Console.Error.WriteLine($"{found}\nThe input is in {file}.");
        return 1;
    }
}
