using Sotto.Mls.Framing;

namespace Sotto.Mls.Tests.Rules;

/// <summary>Content as bytes that need not be what they should be.</summary>
internal sealed record RawBody(ContentType Kind, byte[] Bytes) : ContentBody(Kind)
{
    public override int SizeHint => Bytes.Length;

    public override void Write(TlsWriter writer) => writer.WriteFixed(Bytes);
}
