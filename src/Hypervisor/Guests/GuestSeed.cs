using Orchestrator.Hypervisor.Domains;
using Orchestrator.Hypervisor.Engines;
using Orchestrator.Hypervisor.Images;

namespace Orchestrator.Hypervisor.Guests;

/// <summary>What a guest's init reads of its own guest: a shell fragment of variables and two functions.</summary>
internal static class GuestSeed
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static readonly string[] Inits = ["/sbin/init", "/lib/systemd/systemd", "/usr/lib/systemd/systemd", "/init", "/usr/sbin/init", "/bin/init"];
    private static readonly string[] Shells = ["sh", "bash", "ash", "dash"];

    public static string Write(GuestPlatform platform, GuestSpec spec, ImageConfig image)
    {
        var command = Command(spec, image);
        var environment = Environment(spec, image);
        return $$"""
            guest_hostname={{Quote(spec.Hostname)}}
            guest_root_device={{Quote(platform.RootDevice)}}
            guest_report_device={{Quote(platform.ReportDevice)}}
            guest_runs_init={{Flag(command.Count > 0 && Inits.Contains(command[0]))}}
            guest_has_command={{Flag(command.Count > 0)}}
            guest_on_console={{Flag(IsShell(command))}}
            guest_user={{Quote($"{image.UserId}:{image.GroupId}")}}
            guest_workdir={{Quote(image.WorkingFolder)}}
            guest_path={{Quote(environment["PATH"])}}
            with_environment() { exec ${busybox:-busybox} env -i {{Words(environment.Select(entry => $"{entry.Key}={entry.Value}"))}} "$@"; }
            with_command() { "$@" {{Words(command)}}; }
            with_interfaces() { {{Interfaces(spec)}} }

            """;
    }

    /// <summary>As Kubernetes has it: a command replaces the image's entry point and command, arguments its command only.</summary>
    public static IReadOnlyList<string> Command(GuestSpec spec, ImageConfig image)
    {
        if (spec.Command.Count > 0)
        {
            return [.. spec.Command, .. spec.Arguments];
        }

        return [.. image.Entrypoint, .. spec.Arguments.Count > 0 ? spec.Arguments : image.Command];
    }

    /// <summary>For sh: nothing inside single quotes means anything, but the single quote.</summary>
    public static string Quote(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static Dictionary<string, string> Environment(GuestSpec spec, ImageConfig image)
    {
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = DefaultPath,
            ["HOME"] = image.UserId == 0 ? "/root" : "/",
            ["TERM"] = "vt102",
            ["HOSTNAME"] = spec.Hostname,
        };
        foreach (var (name, value) in image.Environment.Concat(spec.Environment))
        {
            environment[name] = value;
        }

        return environment;
    }

    /// <summary>A bare shell is what someone wants to type at: it gets the console itself.</summary>
    private static bool IsShell(IReadOnlyList<string> command) => command.Count == 1 && Shells.Contains(Path.GetFileName(command[0]));

    /// <summary>A call for each card: its MAC address, its gateway or nothing, its MTU or nothing, its addresses.</summary>
    private static string Interfaces(GuestSpec spec) => string.Concat(
        spec.Interfaces.Select(card => $"\"$1\" {Words([card.MacAddress, card.Gateway, card.MtuBytes > 0 ? $"{card.MtuBytes}" : "", .. card.Addresses])}; ").Append(":;"));

    private static string Words(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static string Flag(bool value) => value ? "1" : "0";
}
