using System.Text;
using Sotto.Direct;
using Sotto.Direct.Invites;

namespace Sotto.Fuzz.Targets;

/// <summary>Invite links and addresses, as a person pastes them.</summary>
internal static class InviteTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        Address(text);
        DirectInvite invite;
        try
        {
            invite = DirectInvite.Parse(text);
        }
        catch (DirectException)
        {
            return;
        }

        using (invite)
            Check(invite, text.Trim());
    }

    private static void Check(DirectInvite invite, string text)
    {
        var link = invite.ToLink();
        using var again = DirectInvite.Parse(link);
        FindingException.ThrowUnless(again.ToLink() == link, "a link changes when it is read and written");
        FindingException.ThrowUnless(again.Host == invite.Host && again.Secret.Equals(invite.Secret), "another fingerprint or secret");
        FindingException.ThrowUnless(again.Addresses.SequenceEqual(invite.Addresses), "other addresses");
        FindingException.ThrowUnless(AfterAddresses(link) == AfterAddresses(text), "two spellings of one fragment");
        FindingException.ThrowUnless(invite.Addresses.Count is > 0 and <= DirectInvite.MaxAddresses, "no address, or too many");
        foreach (var address in invite.Addresses)
            Address(address.ToString());
    }

    private static void Address(string text)
    {
        if (!HostAddress.TryParse(text, out var address))
            return;
        FindingException.ThrowUnless(address.Port is > 0 and <= 65535 && address.Host.Length > 0, "not an address");
        FindingException.ThrowUnless(address.Host.All(c => c is > ' ' and <= '~' and not (',' or '#' or '/')), "a character that no host has");
        FindingException.ThrowUnless(HostAddress.TryParse(address.ToString(), out var again) && again == address, "an address changes when it is read and written");
    }

    private static string AfterAddresses(string link) => link[link.IndexOf('#', StringComparison.Ordinal)..];
}
