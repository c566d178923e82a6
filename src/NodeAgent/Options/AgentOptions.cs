using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;

namespace Orchestrator.NodeAgent.Options;

/// <summary>What the command line says. Endpoints are <c>unix:///path</c> or <c>http://address:port</c>.</summary>
internal sealed class AgentOptions
{
    public const string Section = "Agent";

    /// <summary>The name of this host and of its Node object: a DNS subdomain.</summary>
    [Required, RegularExpression("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", ErrorMessage = "--host must be a DNS name of at most 253 characters")]
    public string Host { get; set; } = "";

    [Required(ErrorMessage = "--silo is required: unix:///path or http://address:port")]
    public string Silo { get; set; } = "";

    public string Containerd { get; set; } = "unix:///run/containerd/containerd.sock";

    public string Dom0 { get; set; } = "unix:///run/orchestrator/dom0.sock";

    /// <summary>Where the logs of pods are kept; an absolute path.</summary>
    public string Data { get; set; } = "/var/lib/orchestrator/agent";

    /// <summary>The cgroup under which every pod gets its own; an absolute path in the cgroup hierarchy.</summary>
    [Required(ErrorMessage = "--cgroup-parent is required")]
    public string CgroupParent { get; set; } = "";

    /// <summary>containerd's name of the OCI runtime; empty is containerd's default.</summary>
    public string RuntimeHandler { get; set; } = "";

    /// <summary>Where containerd finds its CNI configuration: machines are on the network that it names.</summary>
    public string CniConf { get; set; } = "/etc/cni/net.d";

    /// <summary>Where CNI's plugins are; several folders with colons between them.</summary>
    public string CniBin { get; set; } = "/opt/cni/bin:/usr/lib/cni";

    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    public LogFormat LogFormat { get; set; } = LogFormat.Json;

    /// <summary>How often everything that runs is listed, beside the events that tell of changes.</summary>
    [Range(1, 3600)]
    public int RelistSeconds { get; set; } = 10;

    /// <summary>How many workloads may be in a step of creation or removal at once.</summary>
    [Range(1, 1024)]
    public int ConcurrentSteps { get; set; } = 16;
}

/// <summary>One JSON object a line, with the names and values of each message; or one line of text for a reader.</summary>
internal enum LogFormat
{
    Json,
    Text,
}
