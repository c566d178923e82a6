using System.Text.RegularExpressions;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>A domain's name, chosen by the caller: <c>[a-z0-9-]{1,63}</c>, so it is also a safe file and control group name.</summary>
internal readonly partial record struct DomainId
{
    private DomainId(string value) => Value = value;

    public string Value { get; }

    public static bool TryParse(string value, out DomainId id)
    {
        id = new DomainId(value);
        return Pattern().IsMatch(value);
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"^[a-z0-9-]{1,63}\z")]
    private static partial Regex Pattern();
}
