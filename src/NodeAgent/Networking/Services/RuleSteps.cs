using System.Text;

namespace Orchestrator.NodeAgent.Networking.Services;

/// <summary>
/// The commands for nft that lead from one set of rules to another, for one transaction: what refers to something comes after it, and what
/// is referred to goes after what referred to it. What stays is not named.
/// </summary>
internal static class RuleSteps
{
    private const int ElementsPerCommand = 500;

    /// <summary>Empty if nothing changes.</summary>
    public static string Between(RuleSet present, RuleSet wanted)
    {
        var text = new StringBuilder();
        var changed = wanted.Chains.Where(chain => present.Chains.GetValueOrDefault(chain.Key) != chain.Value).ToArray();
        string[] goneChains = [.. present.Chains.Keys.Where(name => !wanted.Chains.ContainsKey(name))];
        string[] goneMemories = [.. present.Memories.Keys.Where(name => !wanted.Memories.ContainsKey(name))];

        foreach (var (name, _) in changed) Command(text, "add chain", name);
        AppendElements(
            text, "delete", present.Elements.Where(element => wanted.Elements.GetValueOrDefault(element.Key, "-") != element.Value).Select(element => KeyValuePair.Create(element.Key, "")));
        foreach (var (name, _) in changed) Command(text, "flush chain", name);
        foreach (var name in goneChains) Command(text, "flush chain", name);
        foreach (var name in goneChains) Command(text, "delete chain", name);
        foreach (var name in goneMemories) Command(text, "delete set", name);
        foreach (var (name, seconds) in wanted.Memories.Where(memory => !present.Memories.ContainsKey(memory.Key)))
            Command(text, "add set", $"{name} {{ type ipv4_addr; flags dynamic,timeout; timeout {seconds}s; }}");
        foreach (var (name, rules) in changed)
            foreach (var rule in rules.Split('\n')) Command(text, "add rule", $"{name} {rule}");
        AppendElements(text, "add", wanted.Elements.Where(element => present.Elements.GetValueOrDefault(element.Key, "-") != element.Value));
        return text.ToString();
    }

    private static void AppendElements(StringBuilder text, string verb, IEnumerable<KeyValuePair<(string Map, string Key), string>> elements)
    {
        foreach (var map in elements.GroupBy(element => element.Key.Map))
        {
            foreach (var chunk in map.Chunk(ElementsPerCommand))
                Command(text, $"{verb} element", $"{map.Key} {{ {string.Join(", ", chunk.Select(element => element.Value.Length > 0 ? $"{element.Key.Key} : {element.Value}" : element.Key.Key))} }}");
        }
    }

    private static void Command(StringBuilder text, string command, string rest) => text.Append(command).Append(' ').Append(ServiceFrame.Table).Append(' ').Append(rest).Append('\n');
}
