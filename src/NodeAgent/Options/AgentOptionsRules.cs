using Microsoft.Extensions.Options;
using Orchestrator.NodeAgent.Connection;

namespace Orchestrator.NodeAgent.Options;

/// <summary>The rules of the single options, generated from their attributes.</summary>
[OptionsValidator]
internal sealed partial class AgentOptionsAttributes : IValidateOptions<AgentOptions>;

/// <summary>The rules that attributes can't say.</summary>
internal sealed class AgentOptionsRules : IValidateOptions<AgentOptions>
{
    public ValidateOptionsResult Validate(string? name, AgentOptions options)
    {
        var failures = new List<string>();
        RequireEndpoint("--silo", options.Silo, failures);
        RequireEndpoint("--containerd", options.Containerd, failures);
        RequireEndpoint("--dom0", options.Dom0, failures);
        RequirePath("--data", options.Data, failures);
        RequirePath("--cgroup-parent", options.CgroupParent, failures);
        RequirePath("--cni-conf", options.CniConf, failures);
        foreach (var folder in options.CniBin.Split(':')) RequirePath("--cni-bin", folder, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void RequireEndpoint(string option, string value, List<string> failures)
    {
        if (value.Length > 0 && !Endpoint.IsValid(value))
            failures.Add($"{option} is '{value}'; it must be unix:///path or http://address:port");
    }

    private static void RequirePath(string option, string value, List<string> failures)
    {
        if (value.Length == 0) return;
        if (value[0] != '/' || value.Length == 1 || value.Split('/').Contains(".."))
            failures.Add($"{option} is '{value}'; it must be an absolute path without '..'");
    }
}
