using System.Security.Cryptography;
using System.Text;
using Teal.Traffic;

namespace Teal.Tests.Fast.Traffic;

public sealed class FlagSignerTests
{
    private static readonly byte[] Old = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] New = [.. Enumerable.Repeat((byte)2, 32)];
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_764_000_000);

    [Fact]
    public void A_signature_says_when_by_which_key_and_over_what()
    {
        var signer = FlagSigner.Of("shop", [Old]);
        var parts = signer.Sign("checkout=on", Now).Split(", ");
        Assert.Equal("t=1764000000", parts[0]);
        var (id, key) = (signer.Words.Split(':')[0], Convert.FromHexString(signer.Words.Split(':')[1]));
        Assert.Equal($"k={id}", parts[1]);
        var sum = HMACSHA256.HashData(key, Encoding.ASCII.GetBytes("1764000000\ncheckout=on"));
        Assert.Equal($"s={Convert.ToHexStringLower(sum)}", parts[2]);
    }

    [Fact]
    public void Another_value_time_service_or_secret_has_another_signature()
    {
        var signer = FlagSigner.Of("shop", [Old]);
        string[] signatures =
        [
            signer.Sign("checkout=on", Now),
            signer.Sign("checkout=off", Now),
            signer.Sign("checkout=on", Now.AddSeconds(1)),
            FlagSigner.Of("cart", [Old]).Sign("checkout=on", Now),
            FlagSigner.Of("shop", [New]).Sign("checkout=on", Now),
        ];
        Assert.Equal(signatures.Length, signatures.Select(signature => signature.Split("s=")[1]).Distinct().Count());
    }

    [Fact]
    public void A_newer_key_is_known_to_the_instances_before_it_signs()
    {
        var both = FlagSigner.Of("shop", [Old, New]);
        Assert.Equal($"{FlagSigner.Of("shop", [Old]).Words} {FlagSigner.Of("shop", [New]).Words}", both.Words);
        Assert.Equal(FlagSigner.Of("shop", [Old]).Sign("a=b", Now), both.Sign("a=b", Now));
    }

    [Fact]
    public void The_longest_header_is_signed_too()
    {
        var longest = string.Join(", ", Enumerable.Range(0, 16).Select(_ => $"{new string('k', 64)}=\"{new string('"', 128)}\""));
        Assert.Contains(", s=", FlagSigner.Of("shop", [Old]).Sign(longest, Now));
        Assert.Contains(", s=", FlagSigner.Of("shop", [Old]).Sign(new string('x', 5000), Now));
    }

    [Fact]
    public void The_secret_itself_is_in_nothing_that_is_handed_over()
    {
        var signer = FlagSigner.Of("shop", [Old]);
        Assert.DoesNotContain(Convert.ToHexStringLower(Old), signer.Words);
        Assert.DoesNotContain(signer.Words.Split(':')[1], signer.Sign("checkout=on", Now));
    }
}
