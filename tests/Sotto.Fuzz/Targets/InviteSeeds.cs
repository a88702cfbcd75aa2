using System.Text;

namespace Sotto.Fuzz.Targets;

internal static class InviteSeeds
{
    private const string Fragment = "#AQABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4P";

    private static readonly string[] Texts =
    [
        "", "s", "sotto:d/", "sotto:d/#", "sotto:d/h#", "sotto:d/h" + Fragment, "sotto:d/192.168.1.2:7787" + Fragment,
        "  sotto:d/host.example:1,[::1]:65535,10.0.0.1:80\t\r\n".TrimEnd() + Fragment + "\n", "sotto:d/[fe80::1%eth0]:7787" + Fragment,
        "sotto:d/::1" + Fragment, "sotto:d/[::ffff:1.2.3.4]" + Fragment, "sotto:d/h,,h" + Fragment, "sotto:d/h:0" + Fragment,
        "sotto:d/h:65536" + Fragment, "sotto:d/h:+1" + Fragment, "sotto:d/h:007787" + Fragment, "sotto:d/a,b,c,d,e,f,g,h" + Fragment,
        "sotto:d/a,b,c,d,e,f,g,h,i" + Fragment, "sotto:d/h" + Fragment + "=", "sotto:d/h" + Fragment[..^1] + "\u2160", "SOTTO:D/h" + Fragment,
        "sotto:d/h\0" + Fragment, "sotto:d/..:1" + Fragment, "sotto:d/\u202Eh" + Fragment, "sotto:d/h" + Fragment + "#x",
        "sotto:d/[::1" + Fragment, "sotto:d/[]:1" + Fragment, "sotto:d/::1]:80" + Fragment, "sotto:d/[::1/64]" + Fragment,
        "host.example", "host.example:1", "[::1]:1", "::1", "1.2.3.4", "[::1%1]:2", "fe80::1%\u001b[31m", "::1%a,b", "CON", "a:b:c",
    ];

    public static IEnumerable<(string Name, byte[] Input)> All() =>
        Texts.Select((text, i) => ($"text-{i:00}", Encoding.UTF8.GetBytes(text)))
            .Append(("not-utf8", [.. "sotto:d/"u8, 0xC0, 0x80, 0xED, 0xA0, 0x80, .. Encoding.ASCII.GetBytes(Fragment)]))
            .Append(("long", Encoding.ASCII.GetBytes("sotto:d/" + new string('a', 253) + Fragment)))
            .Append(("too-long", Encoding.ASCII.GetBytes("sotto:d/" + new string('a', 2048) + Fragment)));
}
