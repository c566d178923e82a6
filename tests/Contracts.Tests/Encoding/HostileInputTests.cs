using System.Text;
using CsCheck;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Tests.Encoding;

/// <summary>Reading never throws, whatever the bytes are, and no small input costs much.</summary>
public sealed class HostileInputTests
{
    private static readonly byte[][] Fragments =
    [
        "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), "]"u8.ToArray(), ": "u8.ToArray(), "- "u8.ToArray(), "\n"u8.ToArray(), "\r"u8.ToArray(), "\t"u8.ToArray(),
        "&a "u8.ToArray(), "*a"u8.ToArray(), "!!str "u8.ToArray(), "!x "u8.ToArray(), "<<: "u8.ToArray(), "|\n"u8.ToArray(), ">-2\n"u8.ToArray(), "\""u8.ToArray(), "'"u8.ToArray(),
        "\\ud800"u8.ToArray(), "\\x"u8.ToArray(), "\n---\n"u8.ToArray(), "\n...\n"u8.ToArray(), "%YAML 1.9\n"u8.ToArray(), "%TAG ! x\n"u8.ToArray(), "# "u8.ToArray(), "? "u8.ToArray(),
        "null"u8.ToArray(), "1e999"u8.ToArray(), "-0"u8.ToArray(), [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0], [0xEF, 0xBB, 0xBF], "\u2028"u8.ToArray(), "\u0085"u8.ToArray(),
    ];

    [Fact]
    public void Random_bytes_are_answered_with_a_result() => Gen.Byte.Array[0, 200].Holds(ReadAll, iter: 20_000);

    [Fact]
    public void Random_YAML_and_JSON_fragments_are_answered_with_a_result() =>
        Gen.Int[0, Fragments.Length - 1].Select(index => Fragments[index]).Array[0, 30].Select(parts => parts.SelectMany(part => part).ToArray()).Holds(ReadAll, iter: 20_000);

    [Fact]
    public void Mutated_manifests_are_answered_with_a_result() =>
        Gen.Select(Gen.Int, Gen.Bool, Gen.Int[1, 8]).Holds((seed, yaml, mutations) =>
        {
            var random = new Random(seed);
            var kind = KindCatalog.All[random.Next(KindCatalog.All.Count)];
            var json = ObjectJson.Encode(new RandomObjects(seed, valid: true).Make(kind));
            var bytes = (yaml ? System.Text.Encoding.UTF8.GetBytes(ObjectYaml.FromJson(json)) : json).ToList();
            for (; mutations > 0; mutations--) Mutate(bytes, random);
            ReadAll([.. bytes]);
        }, iter: 5_000);

    private static void Mutate(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count);
        var length = Math.Min(random.Next(20), bytes.Count - at);
        switch (random.Next(5))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes.RemoveRange(at, Math.Min(length, bytes.Count - 1));
                break;
            case 2:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 3:
                bytes.InsertRange(at, Fragments[random.Next(Fragments.Length)]);
                break;
            default:
                bytes.RemoveRange(Math.Max(1, at), bytes.Count - Math.Max(1, at));
                break;
        }
    }

    private static void ReadAll(byte[] bytes)
    {
        var result = Manifests.Read(bytes, "fuzz");
        Assert.All(result.Errors, error => Assert.True(error.Message.Length > 0 && error.ToString().Length < 2_000));
        foreach (var kind in KindCatalog.All.Take(2))
        {
            var (obj, errors) = ObjectJson.Decode(bytes, kind, "fuzz");
            Assert.Equal(obj is null, errors.Count > 0);
        }
    }
}
