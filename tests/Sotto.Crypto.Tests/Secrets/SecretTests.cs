namespace Sotto.Crypto.Tests.Secrets;

public sealed class SecretTests
{
    [Fact]
    public void A_new_secret_holds_zeroes_and_is_filled_through_its_span()
    {
        using var secret = Secret.Create(20, out var bytes);
        Assert.Equal(new byte[20], secret.Bytes);

        bytes.Fill(7);
        Assert.Equal(Enumerable.Repeat((byte)7, 20), secret.Bytes.ToArray());
        Assert.Equal(20, secret.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(100_000)]
    public void A_copy_holds_the_bytes_of_any_length(int length)
    {
        byte[] source = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        using var secret = Secret.CopyOf(source);

        Assert.Equal(length, secret.Length);
        Assert.Equal(source, secret.Bytes.ToArray());
    }

    [Fact]
    public void A_copy_does_not_change_with_its_source()
    {
        byte[] source = [1, 2, 3];
        using var secret = Secret.CopyOf(source);
        source[0] = 9;

        Assert.Equal([1, 2, 3], secret.Bytes.ToArray());
    }

    [Fact]
    public void A_negative_length_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Secret.Create(-1, out _));

    [Theory]
    [InlineData(32)]
    [InlineData(5000)]
    public void Dispose_zeroes_the_bytes(int length)
    {
        var secret = Secret.Create(new SecretPool(4096), length, out var bytes);
        bytes.Fill(0xAA);
        secret.Dispose();

        Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Every_use_after_dispose_is_an_exception()
    {
        using var other = Secret.CopyOf([1]);
        var secret = Secret.CopyOf([1]);
        secret.Dispose();

        Assert.Throws<ObjectDisposedException>(() => secret.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => secret.Length);
        Assert.Throws<ObjectDisposedException>(() => secret.FixedTimeEquals([1]));
        Assert.Throws<ObjectDisposedException>(() => secret.Equals(other));
        Assert.Throws<ObjectDisposedException>(() => other.Equals(secret));
    }

    [Fact]
    public void Disposing_twice_takes_nothing_from_the_next_owner()
    {
        var pool = new SecretPool(4096);
        var first = Secret.Create(pool, 32, out _);
        first.Dispose();
        using var next = Secret.Create(pool, 32, out var bytes);
        bytes.Fill(5);

        first.Dispose();
        Assert.Equal(Enumerable.Repeat((byte)5, 32), next.Bytes.ToArray());
        Assert.Equal(1, pool.InUse);
    }

    [Fact]
    public void A_place_given_to_another_secret_is_out_of_reach_of_the_old_one()
    {
        var pool = new SecretPool(4096);
        var old = Secret.Create(pool, 32, out var oldBytes);
        old.Dispose();
        using var next = Secret.Create(pool, 32, out var bytes);

        Assert.True(oldBytes == bytes, "the pool gives the place out again");
        Assert.Throws<ObjectDisposedException>(() => old.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => old.FixedTimeEquals(new byte[32]));
    }

    [Fact]
    public void Equality_looks_at_the_bytes_alone()
    {
        using var secret = Secret.CopyOf([1, 2, 3]);
        using var same = Secret.CopyOf([1, 2, 3]);
        using var other = Secret.CopyOf([1, 2, 4]);
        using var longer = Secret.CopyOf([1, 2, 3, 0]);

        Assert.True(secret.Equals(same));
        Assert.True(secret.Equals((object)same));
        Assert.False(secret.Equals(other));
        Assert.False(secret.Equals(longer));
        Assert.False(secret.Equals(null));
        Assert.False(secret.Equals("text"));
        Assert.True(secret.FixedTimeEquals([1, 2, 3]));
        Assert.False(secret.FixedTimeEquals([1, 2]));
    }

    [Fact]
    public void A_hash_code_tells_secrets_of_one_length_apart_by_nothing()
    {
        using var secret = Secret.CopyOf([1, 2, 3]);
        using var other = Secret.CopyOf([4, 5, 6]);

        Assert.Equal(secret.GetHashCode(), other.GetHashCode());
    }
}
