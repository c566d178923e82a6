using static Orchestrator.Scheduler.Tests.Make;

namespace Orchestrator.Scheduler.Tests.Feasibility;

public sealed class TaintsTests
{
    [Theory]
    [InlineData("key1=value1:NoSchedule", "", false)]
    [InlineData("key1=value1:NoSchedule", "key1=value1:NoSchedule", true)]     // Equal: key, value and effect
    [InlineData("key1=value1:NoSchedule", "key1:NoSchedule", true)]            // Exists: any value
    [InlineData("key1=value1:NoSchedule", "key1=value1", true)]                // no effect: every effect
    [InlineData("key1=value1:NoExecute", "key1=value1", true)]
    [InlineData("key1=value1:NoSchedule", "key1=other:NoSchedule", false)]
    [InlineData("key1=value1:NoSchedule", "key1=value1:NoExecute", false)]
    [InlineData("key1=value1:NoExecute", "", false)]
    [InlineData("key1:NoSchedule", "key1=:NoSchedule", true)]                  // Equal with the empty value
    [InlineData("key1=value1:NoSchedule", "=value1", false)]                   // Equal needs a key
    [InlineData("key1=value1:NoSchedule key2:NoExecute", "*", true)]           // empty key with Exists: everything
    [InlineData("key1=value1:NoSchedule key2:NoExecute", "*:NoSchedule", false)]
    [InlineData("key1=value1:PreferNoSchedule", "", true)]                     // a matter of ranking
    [InlineData("key1=value1:NoSchedule key1=value1:NoExecute key2=value2:NoSchedule",
        "key1=value1:NoSchedule key1=value1:NoExecute", false)]                // the documented case: the third is not tolerated
    [InlineData("key1=value1:NoSchedule key1=value1:NoExecute key2=value2:PreferNoSchedule",
        "key1=value1:NoSchedule key1=value1:NoExecute", true)]
    public void Every_hard_taint_is_tolerated(string taints, string tolerations, bool accepted)
    {
        var host = Host("a") with { Taints = Words(taints).Select(Taint).ToValueList() };
        var workload = Workload() with { Tolerations = Words(tolerations).Select(word => Toleration(word.Replace("*", ""))).ToValueList() };
        Assert.Equal(accepted, Accepts(host, workload, "Taints"));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
