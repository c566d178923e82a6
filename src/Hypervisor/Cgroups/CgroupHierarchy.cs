using Microsoft.Extensions.Options;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Cgroups;

/// <summary>
/// Where control groups are on this host: one unified tree (v2), or a tree for each controller (v1), found by probing.
/// All groups of this dom0 are children of its parent group.
/// </summary>
internal sealed class CgroupHierarchy
{
    private const string Mount = "/sys/fs/cgroup";
    private static readonly string[] Controllers = ["memory", "cpu", "pids", "freezer"];
    private readonly string _parent;

    public CgroupHierarchy(IOptions<Dom0Options> options)
    {
        _parent = options.Value.CgroupParent;
        IsUnified = File.Exists(Path.Combine(Mount, "cgroup.controllers"));
        Roots = IsUnified
            ? new Dictionary<string, string> { ["unified"] = Mount }
            : Controllers.Where(name => File.Exists(Path.Combine(Mount, name, "cgroup.procs")))
                .ToDictionary(name => name, name => Path.Combine(Mount, name));
    }

    public bool IsUnified { get; }

    /// <summary>Controller (or <c>unified</c>) → the root folder of its tree.</summary>
    public IReadOnlyDictionary<string, string> Roots { get; }

    public DomainCgroup For(string id) => new(this, $"{_parent}/{id}");

    /// <summary>The names of all groups below our parent, in whichever tree they are.</summary>
    public IReadOnlySet<string> Existing() => Roots.Values
        .Select(root => root + _parent)
        .Where(Directory.Exists)
        .SelectMany(Directory.EnumerateDirectories)
        .Select(Path.GetFileName)
        .OfType<string>()
        .ToHashSet();

    public void MakeParent()
    {
        foreach (var root in Roots.Values)
        {
            var path = root;
            foreach (var part in _parent.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                Delegate(path);
                path = Path.Combine(path, part);
                Directory.CreateDirectory(path);
            }

            Delegate(path);
        }
    }

    /// <summary>Removes the parent if it is empty. Its own parents may be another's.</summary>
    public void RemoveParent()
    {
        foreach (var root in Roots.Values)
        {
            var path = root + _parent;
            if (Directory.Exists(path) && !Directory.EnumerateDirectories(path).Any())
            {
                Directory.Delete(path);
            }
        }
    }

    /// <summary>On v2, children get a controller only if their parent passes it on.</summary>
    private void Delegate(string path)
    {
        if (!IsUnified)
        {
            return;
        }

        var available = File.ReadAllText(Path.Combine(path, "cgroup.controllers")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var wanted = Controllers.Intersect(available).Select(name => "+" + name);
        File.WriteAllText(Path.Combine(path, "cgroup.subtree_control"), string.Join(' ', wanted));
    }
}
