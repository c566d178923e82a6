using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Orchestrator.NodeAgent.Options;

/// <summary>Turns <c>--option value</c> and <c>--option=value</c> into settings; anything else is refused with the usage.</summary>
internal static class AgentCommandLine
{
    private const string Usage = """
        usage: orchestrator-agent --host NAME --silo ENDPOINT --cgroup-parent PATH [options]
          --host NAME               the name of this host
          --silo ENDPOINT           unix:///path or http://address:port
          --containerd ENDPOINT     default unix:///run/containerd/containerd.sock
          --dom0 ENDPOINT           default unix:///run/orchestrator/dom0.sock
          --data DIR                default /var/lib/orchestrator/agent
          --cgroup-parent PATH      the cgroup of this agent's pods
          --runtime-handler NAME    containerd's OCI runtime, for example crun
          --cni-conf DIR            containerd's CNI configuration; default /etc/cni/net.d
          --cni-bin DIR[:DIR]       CNI's plugins; default /opt/cni/bin:/usr/lib/cni
          --relist-seconds N        default 10
          --concurrent-steps N      default 16
          --log-level LEVEL         Trace, Debug, Information, Warning, Error; default Information
          --log-format FORMAT       json or text; default json
        """;

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["--host"] = nameof(AgentOptions.Host),
        ["--silo"] = nameof(AgentOptions.Silo),
        ["--containerd"] = nameof(AgentOptions.Containerd),
        ["--dom0"] = nameof(AgentOptions.Dom0),
        ["--data"] = nameof(AgentOptions.Data),
        ["--cgroup-parent"] = nameof(AgentOptions.CgroupParent),
        ["--runtime-handler"] = nameof(AgentOptions.RuntimeHandler),
        ["--cni-conf"] = nameof(AgentOptions.CniConf),
        ["--cni-bin"] = nameof(AgentOptions.CniBin),
        ["--relist-seconds"] = nameof(AgentOptions.RelistSeconds),
        ["--concurrent-steps"] = nameof(AgentOptions.ConcurrentSteps),
        ["--log-level"] = nameof(AgentOptions.LogLevel),
        ["--log-format"] = nameof(AgentOptions.LogFormat),
    };

    public static bool TryParse(string[] args, out Dictionary<string, string?> settings, out string complaint)
    {
        settings = [];
        complaint = "";
        for (var i = 0; i < args.Length; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[i] : args[i][..equals];
            if (!Names.TryGetValue(name, out var option)) complaint = $"orchestrator-agent: unknown option '{name}'";
            else if (equals < 0 && i + 1 == args.Length) complaint = $"orchestrator-agent: {name} needs a value";
            if (complaint.Length > 0)
            {
                complaint += Environment.NewLine + Usage;
                return false;
            }

            settings[$"{AgentOptions.Section}:{option}"] = equals < 0 ? args[++i] : args[i][(equals + 1)..];
        }

        return true;
    }

    public static IHostApplicationBuilder AddAgentOptions(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AgentOptions>().BindConfiguration(AgentOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AgentOptions>, AgentOptionsAttributes>();
        builder.Services.AddSingleton<IValidateOptions<AgentOptions>, AgentOptionsRules>();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<AgentOptions>>().Value);
        return builder;
    }
}
