using Sotto.Client;
using Sotto.Direct;
using Sotto.Direct.Sessions;

namespace Sotto.Terminal.Commands;

/// <summary>What <c>sotto</c> returns to scripts.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Usage = 1;
    public const int Unexpected = 2;
    public const int Network = 3;
    public const int Refused = 4;
    public const int Busy = 5;
    public const int NotDelivered = 6;

    public static int Of(DirectFailure failure) => failure switch
    {
        DirectFailure.Busy => Busy,
        DirectFailure.ConnectionLost or DirectFailure.Unsupported or DirectFailure.Malformed => Network,
        _ => Refused,
    };

    public static int Of(ClientFailure failure) => failure switch
    {
        ClientFailure.MalformedInvite or ClientFailure.OwnInvite or ClientFailure.NoAccount or ClientFailure.UnknownConversation or ClientFailure.TooLong => Usage,
        ClientFailure.RelayUnreachable or ClientFailure.RelayRefused => Network,
        ClientFailure.RelayBusy or ClientFailure.StoreTaken => Busy,
        ClientFailure.StoreFailed or ClientFailure.StoreTooNew or ClientFailure.StoreUnusable => Unexpected,
        _ => Refused,
    };

    /// <summary>Never 0 when something was not delivered.</summary>
    public static int Of(SessionEnd end, bool everythingWasSent) => end switch
    {
        { Failure: { } failure } when Of(failure.Failure) != Network => Of(failure.Failure),
        { Undelivered: > 0 } => NotDelivered,
        _ when !everythingWasSent => NotDelivered,
        { Failure: { } failure } => Of(failure.Failure),
        _ => Done,
    };
}
