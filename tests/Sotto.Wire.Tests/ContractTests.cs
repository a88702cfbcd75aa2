using System.Text.Json;
using Google.Protobuf;
using Sotto.Wire.Http;
using Sotto.Wire.Links;
using Sotto.Wire.Problems;
using Sotto.Wire.Stream;

namespace Sotto.Wire.Tests;

/// <summary>What must not change once clients exist.</summary>
public sealed class ContractTests
{
    [Fact]
    public void Every_problem_has_a_type_of_its_own_that_leads_back_to_it()
    {
        Assert.Equal(Enum.GetValues<RelayProblem>().Order(), ProblemTypes.All.Select(type => type.Problem).Order());
        Assert.All(ProblemTypes.All, type => Assert.Equal(type.Problem, ProblemTypes.Parse(type.Type)));
        Assert.All(ProblemTypes.All, type => Assert.InRange(type.Status, 400, 599));
        Assert.Null(ProblemTypes.Parse("urn:sotto:problem:of-tomorrow"));
    }

    [Fact]
    public void Unknown_members_are_ignored_and_missing_or_doubled_ones_are_malformed()
    {
        var read = JsonSerializer.Deserialize("""{"record":"AQID","of_tomorrow":{"x":1}}""", RelayJson.Default.RecordRequest)!;
        Assert.Equal([1, 2, 3], read.Record);
        foreach (var broken in new[] { "{}", """{"record":null}""", """{"record":"AQID","record":"AQID"}""", """{"record":7}""", """{"record":"AQ=="}""", """{"record":"A+/="}""", """{"record":"A"}""", "[1e400]", "" })
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(broken, RelayJson.Default.RecordRequest));
    }

    [Fact]
    public void Deep_json_is_malformed()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"x\":", 1000)) + "1" + new string('}', 1000);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(deep, RelayJson.Default.RecordRequest));
    }

    [Fact]
    public void Unknown_fields_of_a_frame_are_kept_apart_and_do_no_harm()
    {
        byte[] tomorrow = [.. new Frame { Request = 5, Draining = new() }.ToByteArray(), 0xf8, 0x3f, 1];
        var frame = Frame.Parser.ParseFrom(tomorrow);
        Assert.Equal((5U, Frame.BodyOneofCase.Draining), (frame.Request, frame.BodyCase));
    }

    [Fact]
    public void A_registration_link_comes_back_and_shows_its_token_only_on_purpose()
    {
        var link = new RegistrationLink("relay.example:443", new(new byte[16]), Bytes32.HashOf([1]), 497_000);
        Assert.True(RegistrationLink.TryParse(link.ToLink(), out var read));
        Assert.Equal(link, read);
        Assert.DoesNotContain(link.ToLink()[(link.ToLink().IndexOf('#', StringComparison.Ordinal) + 1)..], link.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("sotto:g/")]
    [InlineData("sotto:g/relay.example:443")]
    [InlineData("sotto:g/relay.example:443#")]
    [InlineData("sotto:g/relay.example:443#AQ")]
    [InlineData("sotto:g/relay.example:443#****")]
    [InlineData("sotto:i/relay.example:443#AQ")]
    public void Anything_else_is_no_registration_link(string text) => Assert.False(RegistrationLink.TryParse(text, out _));
}
