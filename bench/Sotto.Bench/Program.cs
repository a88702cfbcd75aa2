using Sotto.Bench;

// Sotto.Bench ROOT [--quick] [--aot FOLDER] [SECTION…]: all sections rewrite docs/performance.md, some are only printed.
var options = args.Skip(1).ToList();
var aot = options.IndexOf("--aot") is >= 0 and var at ? options[at + 1] : null;
var wanted = options.Where(option => !option.StartsWith("--", StringComparison.Ordinal) && option != aot).ToList();
var python = Environment.GetEnvironmentVariable("SOTTO_PYTHON");
var plan = new Plan(options.Contains("--quick"), args[0], string.IsNullOrEmpty(python) ? null : python, aot);
using var peer = PythonPeer.Start(plan);
var machine = Machine.Describe(peer?.Versions);
var report = new Report(plan);

if (Wants("start"))
    report.Section("Start and size", StartRows.Measure(plan));
if (Wants("fernet"))
    report.Section("Fernet against Python's cryptography, one thread each", FernetRows.Measure(plan, peer));
if (Wants("lines"))
    report.Section("Lines, X-Wing", [await DirectRows.LinesAsync(plan).ConfigureAwait(false)]);
if (Wants("parts"))
    report.Section("What one short message costs", PartRows.Measure(plan));
if (Wants("pipe"))
    report.Section("Lines between two processes, X-Wing", [PipeRows.Measure(plan)]);
if (Wants("file"))
    report.Section("Files, X-Wing", await DirectRows.FileAsync(plan).ConfigureAwait(false));
if (Wants("failures"))
    report.Section("Time until a bad token is refused", FailureRows.Measure(plan));
if (Wants("handshakes"))
    report.Section("For information", await HandshakeRows.MeasureAsync(plan).ConfigureAwait(false));
if (options.Contains("--mls-raw"))
{
    foreach (var suite in new[] { Sotto.Mls.Suites.CipherSuite.XWingAes256Sha384Ed25519, Sotto.Mls.Suites.CipherSuite.X25519Aes128Sha256Ed25519 })
    {
        using var m = new Sotto.Bench.Mls.MlsMeasurement(suite, true);
        foreach (var f in m.Small().Concat(m.Cold(2)).Concat(m.Cold(100)).Concat(m.Cold(1000)).Concat(m.Warm(50)))
            Console.WriteLine($"{suite.Id} {f.Operation,-22} n={f.Members,5} {f.Median,9:0.000} ms [{f.Low:0.000}-{f.High:0.000}] x{f.Milliseconds.Count} bytes={f.Bytes} alloc={f.Allocated} saved={f.Saved}");
    }
}

if (wanted.Count == 0)
    report.Write(machine);

bool Wants(string section) => wanted.Count == 0 || wanted.Contains(section);
