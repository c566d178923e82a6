using System.Text.Json.Nodes;

namespace Orchestrator.Contracts.Applying;

/// <summary>
/// A set of places in objects, as <c>metadata.managedFields</c> writes it (FieldsV1): a tree whose steps are <c>f:name</c> (a member),
/// <c>k:{keys}</c> (an item of a list of type MAP) and <c>v:value</c> (an item of a SET). A place is in the set itself, or only leads to others.
/// </summary>
public sealed class FieldSet
{
    private const string Self = ".";

    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether this very place is in the set.</summary>
    public bool IsMember { get; internal set; }

    public bool IsEmpty => !IsMember && _children.Values.All(child => child.IsEmpty);

    internal IEnumerable<KeyValuePair<string, FieldSet>> Children => _children;

    internal FieldSet? Find(string step) => _children.GetValueOrDefault(step);

    internal FieldSet Child(string step)
    {
        if (!_children.TryGetValue(step, out var child)) _children[step] = child = new FieldSet();
        return child;
    }

    /// <summary>Becomes what the other one is.</summary>
    internal void TakeOver(FieldSet other)
    {
        IsMember = other.IsMember;
        foreach (var (step, child) in other._children) _children[step] = child;
    }

    public FieldSet Union(FieldSet other) => Combine(other, (mine, theirs) => mine || theirs);

    public FieldSet Minus(FieldSet other) => Combine(other, (mine, theirs) => mine && !theirs);

    public FieldSet Intersect(FieldSet other) => Combine(other, (mine, theirs) => mine && theirs);

    /// <summary>The places in words, such as <c>.spec.containers[name="main"].image</c>.</summary>
    public IEnumerable<string> Paths() => Paths("");

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsMember && _children.Count > 0) json[Self] = new JsonObject();
        foreach (var (step, child) in _children) json[step] = child.ToJson();
        return json;
    }

    /// <summary>What isn't a set reads as an empty one.</summary>
    public static FieldSet FromJson(JsonNode? json)
    {
        var set = new FieldSet();
        if (json is not JsonObject steps) return set;
        set.IsMember = steps.Count == 0 || steps.ContainsKey(Self);
        foreach (var (step, below) in steps.Where(one => one.Key != Self)) set._children[step] = FromJson(below);
        return set;
    }

    private FieldSet Combine(FieldSet other, Func<bool, bool, bool> member)
    {
        var set = new FieldSet { IsMember = member(IsMember, other.IsMember) };
        foreach (var step in _children.Keys.Union(other._children.Keys))
        {
            var combined = (Find(step) ?? new FieldSet()).Combine(other.Find(step) ?? new FieldSet(), member);
            if (!combined.IsEmpty) set._children[step] = combined;
        }

        return set;
    }

    private IEnumerable<string> Paths(string prefix)
    {
        if (IsMember && prefix.Length > 0) yield return prefix;
        foreach (var (step, child) in _children)
            foreach (var path in child.Paths(prefix + Words(step))) yield return path;
    }

    private static string Words(string step)
    {
        var text = step[2..];
        return step[0] switch
        {
            'k' => $"[{string.Join(',', JsonNode.Parse(text)!.AsObject().Select(key => $"{key.Key}={key.Value?.ToJsonString()}"))}]",
            'v' => $"[={text}]",
            _ => $".{text}",
        };
    }
}
