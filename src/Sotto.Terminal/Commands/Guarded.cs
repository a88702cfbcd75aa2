using Sotto.Client;
using Sotto.Direct;
using Sotto.Relay;
using Sotto.Relay.Storage;
using Sotto.Terminal.Relay;

namespace Sotto.Terminal.Commands;

/// <summary>Turns what a command throws into one clear text on stderr and an exit code.</summary>
internal static class Guarded
{
    public static async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command().ConfigureAwait(false);
        }
        catch (UsageException mistake)
        {
            return Fail(mistake.Message, ExitCode.Usage);
        }
        catch (SettingsException mistake)
        {
            return Fail(mistake.Message, ExitCode.Usage);
        }
        catch (StorageException trouble)
        {
            return Fail(trouble.Message, trouble.Failure == StorageFailure.InUse ? ExitCode.Busy : ExitCode.Unexpected);
        }
        catch (DirectException refusal)
        {
            return Fail(refusal.Message, ExitCode.Of(refusal.Failure));
        }
        catch (ClientException refusal)
        {
            return Fail(refusal.Message, ExitCode.Of(refusal.Failure));
        }
        catch (RelayStartException refusal)
        {
            return Fail(refusal.Message, refusal.ExitCode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message, ExitCode.Unexpected);
        }
        catch (OperationCanceledException)
        {
            return Fail("Ended before it was done.", ExitCode.Unexpected);
        }
        catch (Exception e)
        {
            return Fail($"Something went wrong that should not: {e.GetType().Name}: {e.Message}", ExitCode.Unexpected);
        }
    }

    public static int Fail(string message, int code)
    {
        Console.Error.WriteLine($"sotto: {message}");
        return code;
    }
}
