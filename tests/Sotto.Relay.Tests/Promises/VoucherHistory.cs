using System.Net.WebSockets;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Relay.Tests.Promises;

/// <summary>
/// What clients were told about vouchers: batches that were asked for, and channels that two of them try to make with the
/// same voucher. What was not answered is asked again as it was.
/// </summary>
internal sealed class VoucherHistory : IDisposable
{
    /// <summary>Vouchers of a new account, each wanted by two; batches of two come besides.</summary>
    public const int StepsOfOneRun = 12;

    private const int Contested = 6;
    private const int BatchSize = 2;

    private readonly List<Voucher> _vouchers = [];
    private readonly List<Batch> _batches = [];
    private Person? _ann;

    /// <summary>One that made a channel.</summary>
    public byte[] SpentVoucher => _vouchers.First(voucher => voucher.Wanted.Any(want => want.Outcome == Outcome.Made)).Value;

    /// <summary>A new account, whose first vouchers two will try to spend.</summary>
    public async Task RegisterAsync(RelayProcess relay)
    {
        _ann?.Dispose();
        _vouchers.Clear();
        _batches.Clear();
        _ann = new(relay.Address, relay.Key);
        await _ann.RegisterAsync();
        await _ann.AddVouchersAsync(Contested);
        _vouchers.AddRange(_ann.Vouchers.Select(value => new Voucher(value)));
    }

    /// <summary>Asks for the vouchers that the account may still have, a batch at a time.</summary>
    public async Task AskAsync(RelayProcess relay, Action answered)
    {
        using var ann = _ann!.At(relay);
        try
        {
            for (var left = Wire.Limits.VouchersAtRegistration - Contested; left > 0; left -= BatchSize)
            {
                var batch = new Batch(Bytes.Random(16), [Bytes.Random(32), Bytes.Random(32)]);
                _batches.Add(batch);
                batch.Left = (await ann.AskVouchersAsync(batch.Id, batch.Vouchers)).Left;
                answered();
            }
        }
        catch (HttpRequestException)
        {
            // Killed.
        }
    }

    /// <summary>One of the two who try to make a channel with each voucher.</summary>
    public async Task SpendAsync(RelayProcess relay, int who, Action answered)
    {
        try
        {
            await using var stream = await StreamClient.ConnectAsync(relay.Address);
            foreach (var voucher in _vouchers.Take(Contested))
            {
                await voucher.Wanted[who].TryAsync(stream, voucher.Value);
                answered();
            }
        }
        catch (WebSocketException)
        {
            // Killed.
        }
    }

    /// <summary>Asks everything again that was not answered, and spends what came in batches.</summary>
    public async Task FinishAsync(RelayProcess relay)
    {
        if (_ann is null)
            return;
        using var ann = _ann.At(relay);
        // A batch that was charged twice would leave fewer.
        foreach (var batch in _batches)
            batch.Left = (await ann.AskVouchersAsync(batch.Id, batch.Vouchers)).Left;
        _vouchers.AddRange(_batches.SelectMany(batch => batch.Vouchers).Select(value => new Voucher(value)));
        await using var stream = await StreamClient.ConnectAsync(relay.Address);
        foreach (var voucher in _vouchers)
        {
            foreach (var want in voucher.Wanted)
                await want.TryAsync(stream, voucher.Value);
        }

        CheckOutcomes();
        if (_batches.Count > 0)
            Assert.Equal(Wire.Limits.VouchersAtRegistration - Contested - BatchSize * _batches.Count, _batches[^1].Left);
    }

    /// <summary>Whoever made a channel still has it, and no voucher makes another one.</summary>
    public async Task CheckAsync(RelayProcess relay)
    {
        await using var stream = await StreamClient.ConnectAsync(relay.Address);
        foreach (var voucher in _vouchers)
        {
            foreach (var want in voucher.Wanted)
                await want.TryAsync(stream, voucher.Value);
            await Refusal.IsAsync(RelayProblem.TokenRefused, () => stream.AskAsync(new TestChannel().Create(voucher.Value)));
        }

        CheckOutcomes();
    }

    public void Dispose() => _ann?.Dispose();

    private void CheckOutcomes() =>
        Assert.All(_vouchers, voucher => Assert.Single(voucher.Wanted, want => want.Outcome == Outcome.Made));

    private enum Outcome
    {
        Unanswered,
        Made,
        Refused,
    }

    private sealed class Batch(byte[] id, byte[][] vouchers)
    {
        public byte[] Id { get; } = id;

        public byte[][] Vouchers { get; } = vouchers;

        public int Left { get; set; }
    }

    private sealed class Voucher(byte[] value)
    {
        public byte[] Value { get; } = value;

        public Want[] Wanted { get; } = [new(), new()];
    }

    /// <summary>A channel that somebody wants, and what the relay said; its answer never changes.</summary>
    private sealed class Want
    {
        private readonly TestChannel _channel = new();

        public Outcome Outcome { get; private set; }

        public async Task TryAsync(StreamClient stream, byte[] voucher)
        {
            var outcome = await AskAsync(stream, voucher);
            if (Outcome != Outcome.Unanswered)
                Assert.Equal(Outcome, outcome);
            Outcome = outcome;
        }

        private async Task<Outcome> AskAsync(StreamClient stream, byte[] voucher)
        {
            try
            {
                var answer = await stream.AskAsync(_channel.Create(voucher));
                Assert.Equal(Frame.BodyOneofCase.Done, answer.BodyCase);
                return Outcome.Made;
            }
            catch (ProblemException refusal) when (refusal.Problem == RelayProblem.TokenRefused)
            {
                return Outcome.Refused;
            }
        }
    }
}
