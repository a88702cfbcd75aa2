using Sotto.Bench;
using Sotto.Bench.Mls;
using Sotto.Bench.Relay;

// Sotto.Bench ROOT [--quick] [--aot FOLDER] [CHAPTER|SECTION…]: whole chapters are written into docs/performance.md, sections are only printed.
var options = args.Skip(1).ToList();
var aot = options.IndexOf("--aot") is >= 0 and var at ? options[at + 1] : null;
var wanted = options.Where(option => !option.StartsWith("--", StringComparison.Ordinal) && option != aot).ToList();
var python = Environment.GetEnvironmentVariable("SOTTO_PYTHON");
var plan = new Plan(options.Contains("--quick"), args[0], string.IsNullOrEmpty(python) ? null : python, aot);

if (Wants("direct", "start", "fernet", "lines", "parts", "pipe", "file", "failures", "handshakes"))
    await DirectAsync().ConfigureAwait(false);
if (Wants("mls"))
    Mls();
if (Wants(["relay", .. RelayRows.Sections.Select(section => section.Name)]))
    await RelayAsync().ConfigureAwait(false);

async Task DirectAsync()
{
    using var peer = PythonPeer.Start(plan);
    var report = new Report(plan, "direct");
    if (Wants("direct", "start"))
        report.Section("Start and size", StartRows.Measure(plan));
    if (Wants("direct", "fernet"))
        report.Section("Fernet against Python's cryptography, one thread each", FernetRows.Measure(plan, peer));
    if (Wants("direct", "lines"))
        report.Section("Lines, X-Wing", [await DirectRows.LinesAsync(plan).ConfigureAwait(false)]);
    if (Wants("direct", "parts"))
        report.Section("What one short message costs", PartRows.Measure(plan));
    if (Wants("direct", "pipe"))
        report.Section("Lines between two processes, X-Wing", [PipeRows.Measure(plan)]);
    if (Wants("direct", "file"))
        report.Section("Files, X-Wing", await DirectRows.FileAsync(plan).ConfigureAwait(false));
    if (Wants("direct", "failures"))
        report.Section("Time until a bad token is refused", FailureRows.Measure(plan));
    if (Wants("direct", "handshakes"))
        report.Section("For information", await HandshakeRows.MeasureAsync(plan).ConfigureAwait(false));
    if (Wants("direct"))
        report.Write(Machine.Describe(peer?.Versions ?? "no Python with cryptography"));
}

void Mls()
{
    var report = new Report(plan, "mls");
    var rows = new MlsRows(plan);
    foreach (var (heading, section) in rows.Sections())
        report.Section(heading, section);
    report.Write(Machine.Describe(rows.Peers));
}

async Task RelayAsync()
{
    var report = new Report(plan, "relay");
    foreach (var (_, heading, measure) in RelayRows.Sections.Where(section => Wants("relay", section.Name)))
        report.Section(heading, await measure(plan).ConfigureAwait(false));
    if (Wants("relay"))
        report.Write(Machine.Describe("none: ejabberd is not installed here"));
}

bool Wants(params string[] names) => wanted.Count == 0 || names.Any(wanted.Contains);
