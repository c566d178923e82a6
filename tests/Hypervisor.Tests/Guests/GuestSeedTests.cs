using System.Diagnostics;
using CsCheck;
using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Guests;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Tests.Guests;

public sealed class GuestSeedTests
{
    private static readonly ImageConfig Image = new()
    {
        Digest = "sha256:x",
        CreatedAt = default,
        Entrypoint = ["/entry"],
        Command = ["default"],
        Environment = [],
        WorkingFolder = "/",
        UserId = 0,
        GroupId = 0,
    };

    private static readonly GuestSpec Spec = new()
    {
        Engine = "uml",
        Vcpus = 1,
        MemoryBytes = 1,
        RootImageDigest = "sha256:x",
        RootDiskBytes = 0,
        Hostname = "vm",
        Command = [],
        Arguments = [],
        Environment = [],
        Label = "",
    };

    [Fact]
    public void CommandAndArgumentsReplaceTheImagesAsInKubernetes()
    {
        Assert.Equal(["/entry", "default"], GuestSeed.Command(Spec, Image));
        Assert.Equal(["/entry", "x"], GuestSeed.Command(Spec with { Arguments = ["x"] }, Image));
        Assert.Equal(["c"], GuestSeed.Command(Spec with { Command = ["c"] }, Image));
        Assert.Equal(["c", "x"], GuestSeed.Command(Spec with { Command = ["c"], Arguments = ["x"] }, Image));
    }

    /// <summary>Whatever a caller writes into command and environment, the guest's shell hands it on as it is and runs none of it.</summary>
    [Fact]
    public void NothingInTheSpecIsShellCode()
    {
        var text = Gen.OneOf(Gen.String[Gen.Char['!', '~'], 0, 12], OneOf("'", "''", "$(id)", "`id`", "\\'", "a\nb", "\"", "; exit 9", "ü"));
        Gen.Select(text.List[1, 4], text).Holds(
            (command, value) =>
            {
                var spec = Spec with { Command = command, Environment = [KeyValuePair.Create("VALUE", value)] };
                var seed = GuestSeed.Write(new GuestPlatform("/dev/a", "/dev/b", [], null), spec, Image);
                var expected = string.Concat(command.Append(value).Select(word => word + "\0"));
                Assert.Equal(expected, Run(seed));
            },
            iter: 60);
    }

    [Fact]
    public void EachCardIsToldWithItsGatewayAndItsAddresses()
    {
        GuestInterface card = new() { Name = "default", MacAddress = "02:00:00:00:00:01", Bridge = "b", Addresses = ["10.0.0.2/24", "10.0.0.3/24"], Gateway = "10.0.0.1", MtuBytes = 1450 };
        var seed = GuestSeed.Write(
            new GuestPlatform("/dev/a", "/dev/b", [], null), Spec with { Interfaces = [card, card with { Addresses = [], Gateway = "", MtuBytes = 0 }] }, Image);
        Assert.Equal(
            "02:00:00:00:00:01|10.0.0.1|1450|10.0.0.2/24|10.0.0.3/24|\n02:00:00:00:00:01|||\n",
            Execute(seed + "show() { printf '%s|' \"$@\"; echo; }\nwith_interfaces show"));
        Assert.Equal("", Execute(GuestSeed.Write(new GuestPlatform("/dev/a", "/dev/b", [], null), Spec, Image) + "with_interfaces show"));
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string Run(string seed)
    {
        var script = seed + """
            show() { printf '%s\0' "$@"; with_environment /bin/busybox sh -c 'printf "%s\0" "$VALUE"'; }
            busybox=/bin/busybox
            with_command show
            """;
        return Execute(script);
    }

    private static string Execute(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/busybox", ["sh", "-c", script]) { RedirectStandardOutput = true })!;
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output;
    }
}
