using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Sotto.Client.Accounts;
using Sotto.Client.Relays;
using Sotto.Crypto.Native;
using Sotto.Wire;
using Sotto.Wire.Http;
using Sotto.Wire.Records;

namespace Sotto.Bench.Relay;

/// <summary>Vouchers, which pay for channels: as many as are asked for, from as many accounts as it takes.</summary>
internal sealed class Vouchers(Uri relay)
{
    private static readonly NativeCryptoProvider Crypto = new();

    public async Task<Queue<byte[]>> MakeAsync(int count)
    {
        using var http = Http();
        var answer = await http.GetFromJsonAsync(Routes.Relay, RelayJson.Default.RelayAnswer).ConfigureAwait(false);
        var key = RelayStatement.Decode(SignedRecord.Decode(answer!.Statement).Body.Span).IdentityKey;
        var plane = new HttpAccountPlane(http, key);
        var made = new Queue<byte[]>();
        while (made.Count < count)
        {
            foreach (var voucher in await RegisterAsync(plane).ConfigureAwait(false))
                made.Enqueue(voucher);
        }

        return made;
    }

    private static async Task<byte[][]> RegisterAsync(HttpAccountPlane plane)
    {
        using var account = OwnAccount.Create(Crypto, "load");
        var signer = new RequestSigner(account.Id, account.DeviceKey);
        await plane.RegisterAsync(signer, new(account.Record.Genesis, account.Record.Lists), CancellationToken.None).ConfigureAwait(false);
        byte[][] vouchers = [.. Enumerable.Range(0, Limits.VouchersAtRegistration).Select(_ => RandomNumberGenerator.GetBytes(32))];
        var request = new VouchersRequest(RandomNumberGenerator.GetBytes(16), [.. vouchers.Select(SHA256.HashData)]);
        await plane.AddVouchersAsync(signer, request, CancellationToken.None).ConfigureAwait(false);
        return vouchers;
    }

    [SuppressMessage("Security", "CA5359", Justification = "The load generator started this relay itself, on loopback.")]
    private HttpClient Http()
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return new(handler) { BaseAddress = relay };
    }
}
