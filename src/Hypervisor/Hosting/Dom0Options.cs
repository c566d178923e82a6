using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orchestrator.Hypervisor.Hosting;

/// <summary>The command line of dom0: <c>--data DIR --socket PATH --cgroup-parent /PATH --uid-base N --uid-count N</c>.</summary>
internal sealed class Dom0Options
{
    public const int DefaultUidBase = 200_000;
    public const int DefaultUidCount = 65_536;

    // sockaddr_un.sun_path, less its final zero.
    private const int LongestSocketPath = 107;

    [Required]
    public string Data { get; set; } = "";

    [Required]
    [MaxLength(LongestSocketPath)]
    public string Socket { get; set; } = "";

    /// <summary>Below each controller's root; every domain gets a group of its own in it.</summary>
    [Required]
    [RegularExpression("^(/[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$")]
    [ConfigurationKeyName("cgroup-parent")]
    public string CgroupParent { get; set; } = "/orchestrator/dom0";

    /// <summary>The first of the user ids that belong to engines. Nothing else on the host may use the range.</summary>
    [Range(1000, int.MaxValue)]
    [ConfigurationKeyName("uid-base")]
    public int UidBase { get; set; } = DefaultUidBase;

    [Range(1, 1_000_000)]
    [ConfigurationKeyName("uid-count")]
    public int UidCount { get; set; } = DefaultUidCount;
}

[OptionsValidator]
internal sealed partial class Dom0OptionsAnnotations : IValidateOptions<Dom0Options>;

/// <summary>The rules that need more than one field, or the machine.</summary>
internal sealed class Dom0OptionsRules : IValidateOptions<Dom0Options>
{
    public ValidateOptionsResult Validate(string? name, Dom0Options options)
    {
        List<string> errors = [];
        if (!Path.IsPathRooted(options.Data))
        {
            errors.Add("--data: an absolute path is needed");
        }

        if (!Path.IsPathRooted(options.Socket))
        {
            errors.Add("--socket: an absolute path is needed");
        }

        if ((long)options.UidBase + options.UidCount > int.MaxValue)
        {
            errors.Add("--uid-base, --uid-count: the range ends beyond the largest user id");
        }

        if (!Interop.Processes.IsRoot)
        {
            errors.Add("dom0 must run as root: it gives every engine a user id, a control group and namespaces of its own");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
