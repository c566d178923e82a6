namespace Orchestrator.Scheduler;

/// <summary>The names under which manifests and hosts speak of resources.</summary>
internal static class ResourceNames
{
    public const string Cpu = "cpu";
    public const string Memory = "memory";
    public const string EphemeralStorage = "ephemeral-storage";
    public const string Pods = "pods";

    /// <summary>The vector of a list such as <c>{cpu: 500m, memory: 64Mi}</c>.</summary>
    /// <exception cref="FormatException">An amount is no quantity: the object was never validated.</exception>
    public static ResourceVector Read(IEnumerable<KeyValuePair<string, string>> amounts)
    {
        var vector = new ResourceVector();
        var extended = new List<ExtendedAmount>();
        foreach (var (name, text) in amounts)
        {
            var amount = name == Cpu ? Quantities.Milli(name, text) : Quantities.Whole(name, text);
            vector = name switch
            {
                Cpu => vector with { MilliCpu = amount },
                Memory => vector with { MemoryBytes = amount },
                EphemeralStorage => vector with { EphemeralBytes = amount },
                Pods => vector with { Pods = amount },
                _ => vector,
            };
            if (name is not (Cpu or Memory or EphemeralStorage or Pods) && amount > 0) extended.Add(new ExtendedAmount(name, amount));
        }

        extended.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return vector with { Extended = extended.ToValueList() };
    }
}
