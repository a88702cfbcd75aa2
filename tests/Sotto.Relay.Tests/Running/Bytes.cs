using System.Security.Cryptography;
using Google.Protobuf;

namespace Sotto.Relay.Tests.Running;

public static class Bytes
{
    public static byte[] Random(int count) => RandomNumberGenerator.GetBytes(count);

    public static byte[] Hash(byte[] bytes) => SHA256.HashData(bytes);

    public static ByteString Wire(byte[] bytes) => ByteString.CopyFrom(bytes);
}
