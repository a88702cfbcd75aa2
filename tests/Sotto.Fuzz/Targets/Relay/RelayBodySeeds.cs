using System.Text;

namespace Sotto.Fuzz.Targets.Relay;

internal static class RelayBodySeeds
{
    private static readonly string[] Bodies =
    [
        """{"genesis":"AQEA","lists":["AAEC"],"token":"AAAA","receipt":"AAAA"}""",
        """{"list":"AAEC"}""",
        """{"record":"AAEC"}""",
        """{"add":["AAAA"],"remove":[],"retire_others":true}""",
        """{"contact_hash":"AAAA","card":"AAAA","uses":1,"expires_hour":498600,"registration_hash":"AAAA"}""",
        """{"contact_hash":"AAAA","registration_hash":null,"used":true}""",
        """{"packages":[{"bytes":"AAAA","expires_day":20805}],"last_resort":{"bytes":"AAAA","expires_day":20805},"replace":true}""",
        """{"targets":[{"account":"AAAA","token":"AAAA","id":"AAAA"}]}""",
        """{"id":"AAAA","hashes":["AAAA","BBBB"]}""",
        """{"genesis":"AQEA","lists":[],"reachability":[],"proofs":[]}""",
        """{"targets":[{"packages":[{"device":"AAAA","package":"AAAA"},{"device":"BBBB"}]},{"problem":"urn:sotto:problem:refused"}]}""",
        """{"invites":[{"contact_hash":"AAAA","state":"open","claims_left":5,"expires_hour":1}]}""",
        """{"type":"urn:sotto:problem:refused","title":"No.","status":403,"detail":"x"}""",
    ];

    private static readonly string[] Broken =
    [
        "", "n", "null", "[]", "{}", "0", "\"\"", "{\"list\":null}", "{\"list\":[]}", "{\"list\":\"A\"}", "{\"list\":\"AA==\"}", "{\"list\":\"A A\"}",
        "{\"list\":\"AB\"}", "{\"list\":\"\\u0041AEC\"}", "{\"list\":\"\\ud800\"}", "{\"list\":\"AAEC\",\"list\":\"AAEC\"}", "{\"list\":\"AAEC\",\"\\u006cist\":\"AAEC\"}",
        "{\"list\":\"AAEC\"}x", "{\"list\":\"AAEC\",}", "{\"list\":\"AAEC\",\"unknown\":{\"a\":[1,2,{\"b\":1e400}]}}", "{\"LIST\":\"AAEC\"}", "{list:\"AAEC\"}",
        "{\"list\":\"AAEC\"/**/}", "\ufeff{\"list\":\"AAEC\"}", "{\"list\":\"AA\0C\"}", "{\"list\":\"" + new string('A', 3000) + "\"}", "{\"a\":" + new string('[', 1000),
        "{\"uses\":1e400}", "{\"uses\":1.0}", "{\"uses\":\"1\"}", "{\"uses\":-1}", "{\"expires_hour\":4294967296}",
    ];

    public static IEnumerable<(string Name, byte[] Input)> All()
    {
        for (var i = 0; i < Bodies.Length; i++)
            yield return ($"body-{i:00}", [(byte)i, .. Encoding.UTF8.GetBytes(Bodies[i])]);
        for (var i = 0; i < Broken.Length; i++)
            yield return ($"broken-{i:00}", [(byte)(Broken[i].Contains("uses", StringComparison.Ordinal) || Broken[i].Contains("expires", StringComparison.Ordinal) ? 4 : 1), .. Encoding.UTF8.GetBytes(Broken[i])]);
        yield return ("not-utf8", [1, .. "{\"list\":\""u8, 0xc0, 0x80, 0xed, 0xa0, 0x80, .. "\"}"u8]);
    }
}
