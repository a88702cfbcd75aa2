using Sotto.Mls.Suites;

namespace Sotto.Bench.Mls;

/// <summary>What the design asks of MLS.</summary>
internal static class MlsGoals
{
    public static (string Goal, bool? Met) Of(CipherSuite suite, MlsFigure figure)
    {
        var isXWing = suite.Id == CipherSuite.XWingAes256Sha384Ed25519.Id;
        return (figure.Operation, figure.Members) switch
        {
            ("protect_1k", _) when isXWing => Rate(figure, 30_000),
            ("unprotect_1k", _) when isXWing => Rate(figure, 15_000),
            ("join", 1_000) when isXWing => Time(figure, 80),
            ("join_certified", 1_000) when isXWing => Time(figure, 130),
            ("process_update_cold" or "process_update_warm", 1_000) => Time(figure, 5),
            ("create_update_cold", 1_000) when isXWing => Time(figure, 120),
            ("add_all", 1_000) when isXWing => Time(figure, 400),
            _ => ("", null),
        };
    }

    private static (string Goal, bool? Met) Time(MlsFigure figure, double most) => ($"≤ {most} ms", figure.Median <= most);

    private static (string Goal, bool? Met) Rate(MlsFigure figure, double least) =>
        (FormattableString.Invariant($"≥ {least:#,0}/s"), 1e3 / figure.Median >= least);
}
