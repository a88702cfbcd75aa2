using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Sotto.Relay.Tests.Running;
using Sotto.Wire.Http;
using Sotto.Wire.Problems;

namespace Sotto.Relay.Tests.Protocol;

/// <summary>docs/protocol says what the code does: vectors, schema, routes, members and problems.</summary>
public sealed class VectorTests
{
    private static readonly string Pages = Repository.PathOf("docs", "protocol");

    public static TheoryData<string> Names => [.. Files.Select(file => file.Name)];

    private static IEnumerable<VectorFile> Files =>
        [RecordVectors.Records, RecordVectors.Requests, InviteVectors.File, BodyVectors.File, FrameVectors.File, RefusedVectors.File];

    /// <summary>With SOTTO_WRITE_VECTORS set, the files are written instead.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_vectors_are_what_the_code_makes(string name)
    {
        var path = Path.Combine(Pages, "vectors", name);
        var made = Files.Single(file => file.Name == name).ToJson();
        if (Environment.GetEnvironmentVariable("SOTTO_WRITE_VECTORS") is not null)
            File.WriteAllText(path, made);
        Assert.Equal(File.ReadAllText(path), made);
    }

    [Fact]
    public void No_other_file_lies_beside_the_vectors() =>
        Assert.Equal(Files.Select(file => file.Name).Order(), Directory.GetFiles(Path.Combine(Pages, "vectors")).Select(path => Path.GetFileName(path)).Order());

    [Fact]
    public void Everything_that_must_be_refused_is_refused()
    {
        Assert.All(RefusedVectors.File.Cases, refused =>
            Assert.True(RefusedVectors.IsRefused((string)refused["reader"]!, Convert.FromHexString((string)refused["bytes"]!)), (string?)refused["name"]));
    }

    [Fact]
    public void The_same_readers_take_what_is_right()
    {
        Assert.False(RefusedVectors.IsRefused("genesis", VectorAccount.Genesis));
        Assert.False(RefusedVectors.IsRefused("signed record", VectorAccount.SignedFirstList.Encode()));
        Assert.False(RefusedVectors.IsRefused("device list", VectorAccount.SignedRecoveryList.Body.ToArray()));
        Assert.False(RefusedVectors.IsRefused("device certificate", VectorAccount.Certificate(VectorAccount.Device, VectorAccount.Account).Body.ToArray()));
        Assert.False(RefusedVectors.IsRefused("reachability", VectorAccount.Reachability.EncodeBody()));
        Assert.False(RefusedVectors.IsRefused("relay statement", VectorAccount.Statement.EncodeBody()));
    }

    [Fact]
    public void The_schema_in_the_documents_is_the_one_that_is_built() =>
        Assert.Equal(
            File.ReadAllText(Repository.PathOf("src", "Sotto.Wire", "Stream", "stream.proto")),
            File.ReadAllText(Path.Combine(Pages, "stream.proto")));

    [Fact]
    public void Every_route_and_every_member_of_a_body_is_documented()
    {
        var page = File.ReadAllText(Path.Combine(Pages, "relay.md"));
        var routes = typeof(Routes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);
        Assert.All(routes, route => Assert.Contains(route, page, StringComparison.Ordinal));
        var bodies = typeof(RelayJson).GetProperties().Select(property => property.GetValue(RelayJson.Default)).OfType<JsonTypeInfo>();
        var members = bodies.Where(body => body.Kind == JsonTypeInfoKind.Object).SelectMany(body => body.Properties).Select(property => property.Name);
        Assert.All(members.Distinct(), member => Assert.Contains(member, page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_problem_is_documented_with_its_status()
    {
        var page = File.ReadAllText(Path.Combine(Pages, "problems.md"));
        Assert.All(ProblemTypes.All, type => Assert.Contains($"| `{type.Type.Split(':')[^1]}` | {type.Status} |", page, StringComparison.Ordinal));
    }
}
