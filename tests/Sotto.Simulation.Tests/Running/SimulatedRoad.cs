using System.Threading.Channels;
using Sotto.Client.Relays;
using Sotto.Simulation.Tests.Twin;
using Sotto.Wire.Stream;

namespace Sotto.Simulation.Tests.Running;

/// <summary>Something that can happen next on the way between a client and the relay.</summary>
/// <param name="Name">For the record of a run.</param>
/// <param name="Go">Lets it happen.</param>
internal sealed record Move(string Name, Action Go);

/// <summary>
/// The way between one client and the twin. Every call waits here until the simulation lets it go, once to the relay and once back;
/// connections break, with what is on them carried out or lost.
/// </summary>
internal sealed class SimulatedRoad(TwinRelay twin, Ledger ledger, Life life) : IRoad
{
    private readonly List<ICall> _calls = [];
    private readonly List<Line> _lines = [];
    private readonly Lock _gate = new();

    /// <summary>Whether nothing gets through.</summary>
    public bool IsCut { get; set; }

    /// <summary>At which call from now on the client dies; null for none.</summary>
    public int? DiesAt { get; set; }

    public Task<T> AskAsync<T>(string what, Func<T> work, CancellationToken cancellationToken)
    {
        CountCall();
        var call = new Call<T>(this, what, work);
        lock (_gate)
            _calls.Add(call);
        return call.Answer.WaitAsync(cancellationToken);
    }

    public Task<IMailboxStream> OpenStreamAsync(CancellationToken cancellationToken) => AskAsync<IMailboxStream>("open stream", () =>
    {
        var line = new Line(this, twin.Open(), twin.IncarnationBytes);
        lock (_gate)
            _lines.Add(line);
        return line;
    }, cancellationToken);

    /// <summary>What can happen next, in a fixed order.</summary>
    public List<Move> Moves(int pushed)
    {
        lock (_gate)
            return [.. _calls.Select(call => new Move(call.What, call.Go)), .. _lines.SelectMany(line => line.Moves(pushed))];
    }

    /// <summary>Breaks every connection. Of what is on its way to the relay so much is still carried out, and nobody hears of it.</summary>
    public void Break(int carriedOut)
    {
        List<ICall> calls;
        List<Line> lines;
        lock (_gate)
            (calls, lines) = ([.. _calls], [.. _lines]);
        foreach (var line in lines)
            line.Break(carriedOut);
        foreach (var (index, call) in calls.Index())
            call.Fail(index < carriedOut);
    }

    /// <summary>Has what was not acknowledged pushed again.</summary>
    public void Repeat()
    {
        lock (_gate)
            _lines.ForEach(line => line.Connection.Repeat());
    }

    private void CountCall()
    {
        life.RequireAlive();
        if (DiesAt is { } left && (DiesAt = left - 1) < 0)
            throw life.Kill();
    }

    private void Remove(ICall call)
    {
        lock (_gate)
            _calls.Remove(call);
    }

    private static RelayUnreachableException Lost() => new("The connection was lost.");

    private interface ICall
    {
        string What { get; }

        void Go();

        void Fail(bool carriesOut);
    }

    private sealed class Call<T>(SimulatedRoad road, string what, Func<T> work) : ICall
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Action? _answering;

        public string What => _answering is null ? what : $"answer to {what}";

        public Task<T> Answer => _answer.Task;

        /// <summary>First to the relay, then back.</summary>
        public void Go()
        {
            if (_answering is { } answering)
            {
                road.Remove(this);
                answering();
            }
            else if (road.IsCut)
            {
                Fail(false);
            }
            else
            {
                CarryOut();
            }
        }

        public void Fail(bool carriesOut)
        {
            if (carriesOut && _answering is null && !road.IsCut)
                CarryOut();
            road.Remove(this);
            _answer.TrySetException(Lost());
        }

        private void CarryOut()
        {
            try
            {
                var result = work();
                _answering = () => _answer.TrySetResult(result);
            }
            catch (Exception refused)
            {
                what = $"{what}, {refused.GetType().Name}";
                _answering = () => _answer.TrySetException(refused);
            }
        }
    }

    /// <summary>A stream. Requests keep their order, answers do not, pushes do.</summary>
    private sealed class Line(SimulatedRoad road, TwinConnection connection, byte[] incarnation) : IMailboxStream
    {
        private readonly Queue<(Frame Frame, TaskCompletionSource<Frame>? Answer)> _requests = new();
        private readonly List<(string What, Action Answering, TaskCompletionSource<Frame> Waiting)> _answers = [];
        private readonly Channel<Frame> _told = Channel.CreateUnbounded<Frame>();
        private readonly Lock _gate = new();
        private bool _ended;

        public TwinConnection Connection => connection;

        public ReadOnlyMemory<byte> Incarnation => incarnation;

        public Task<Frame> AskAsync(Frame frame, CancellationToken cancellationToken)
        {
            road.CountCall();
            var answer = new TaskCompletionSource<Frame>(TaskCreationOptions.RunContinuationsAsynchronously);
            Add(frame, answer);
            return answer.Task.WaitAsync(cancellationToken);
        }

        public Task TellAsync(Frame frame, CancellationToken cancellationToken)
        {
            road.CountCall();
            Add(frame, null);
            return Task.CompletedTask;
        }

        public IAsyncEnumerable<Frame> ToldAsync(CancellationToken cancellationToken) => _told.Reader.ReadAllAsync(cancellationToken);

        public ValueTask DisposeAsync()
        {
            Break(0);
            return ValueTask.CompletedTask;
        }

        public List<Move> Moves(int pushed)
        {
            lock (_gate)
            {
                var moves = new List<Move>();
                if (_requests.TryPeek(out var next))
                    moves.Add(new(NameOf(next.Frame), road.IsCut ? () => Break(0) : CarryOut));
                if (!road.IsCut)
                {
                    foreach (var answer in _answers)
                    {
                        moves.Add(new($"answer to {answer.What}", () =>
                        {
                            _answers.Remove(answer);
                            answer.Answering();
                        }));
                    }

                    if (connection.HasSomethingToPush)
                        moves.Add(new("push", () => _told.Writer.TryWrite(connection.Push(pushed)!)));
                }

                return moves;
            }
        }

        public void Break(int carriedOut)
        {
            lock (_gate)
            {
                if (_ended)
                    return;
                for (; carriedOut > 0 && _requests.Count > 0 && !road.IsCut; carriedOut--)
                    CarryOut();
                _ended = true;
                road.Close(this);
                foreach (var request in _requests)
                    request.Answer?.TrySetException(Lost());
                foreach (var answer in _answers)
                    answer.Waiting.TrySetException(Lost());
                _requests.Clear();
                _answers.Clear();
                _told.Writer.TryComplete();
            }
        }

        private void Add(Frame frame, TaskCompletionSource<Frame>? answer)
        {
            lock (_gate)
            {
                if (_ended)
                    throw Lost();

                // It is on its way from here, whatever becomes of it.
                if (IsSealed(frame))
                    road.Leaves(frame.Post);
                _requests.Enqueue((frame.Clone(), answer));
            }
        }

        private static bool IsSealed(Frame frame) => frame.Post is { Kind: EntryKind.Commit or EntryKind.Application };

        private static string NameOf(Frame frame) => frame.Post is { } post ? $"{post.Kind} in {post.LastNumber}" : frame.BodyCase.ToString();

        private void CarryOut()
        {
            var (frame, waiting) = _requests.Dequeue();
            if (IsSealed(frame))
                road.Arrives(frame.Post);
            try
            {
                if (connection.Answer(frame) is { } answer && waiting is not null)
                    _answers.Add((NameOf(frame), () => waiting.TrySetResult(answer), waiting));
            }
            catch (RelayRefusedException refused)
            {
                if (waiting is not null)
                    _answers.Add(($"{NameOf(frame)}, {refused.Problem}", () => waiting.TrySetException(refused), waiting));
            }
        }
    }

    private void Leaves(Post post) => ledger.Leaves(post.Payload.Span);

    private void Arrives(Post post) => ledger.Arrives(post.Payload.Span);

    private void Close(Line line)
    {
        twin.Close(line.Connection);
        lock (_gate)
            _lines.Remove(line);
    }
}
