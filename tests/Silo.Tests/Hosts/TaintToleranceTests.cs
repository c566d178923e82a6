using Google.Protobuf.WellKnownTypes;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Hosts;

namespace Orchestrator.Silo.Tests.Hosts;

/// <summary>Kubernetes' documentation, "Taints and Tolerations": how long a pod stays on a host with NoExecute taints.</summary>
public sealed class TaintToleranceTests
{
    private const long Added = 1_000;
    private const string Unreachable = "node.kubernetes.io/unreachable";

    [Theory]
    [InlineData("key1=value1:NoSchedule", "", null)]
    [InlineData("key1=value1:NoExecute", "", Added)]
    [InlineData("key1=value1:NoExecute", "key1=value1:NoExecute", null)]
    [InlineData("key1=value1:NoExecute", "key1=value1:NoSchedule", Added)]
    [InlineData("key1=value1:NoExecute", "key1=value1:NoExecute for 3600", Added + 3600)]
    [InlineData("key1=value1:NoExecute", "key1=value1:NoExecute for -5", Added)]
    [InlineData("key1=value1:NoExecute", "key1=value1:NoExecute for 3600, key1=value1:NoExecute for 60", Added + 60)]
    [InlineData("key1=value1:NoExecute, key2=value2:NoExecute", "key1=value1:NoExecute for 3600", Added)]
    [InlineData("key1=value1:NoExecute, key2=value2:NoExecute", "*", null)]
    [InlineData($"{Unreachable}=:NoExecute", "", Added + 300)]
    [InlineData($"{Unreachable}=:NoExecute, {Unreachable}=:NoSchedule", "", Added + 300)]
    [InlineData($"{Unreachable}=:NoExecute", $"{Unreachable}=:NoExecute for 6000", Added + 6000)]
    [InlineData($"{Unreachable}=:NoExecute", "*", null)]
    public void A_pod_stays_as_long_as_it_tolerates(string taints, string tolerations, long? goes) =>
        Assert.Equal(goes, TaintTolerance.GoesAt([.. Split(tolerations).Select(TolerationOf)], Split(taints).Select(TaintOf))?.ToUnixTimeSeconds());

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Taint TaintOf(string text)
    {
        var parts = text.Split('=', ':');
        return new Taint { Key = parts[0], Value = parts[1], Effect = parts[2], TimeAdded = new Timestamp { Seconds = Added } };
    }

    private static Toleration TolerationOf(string text)
    {
        if (text == "*") return new Toleration { Operator = "Exists" };
        var parts = text.Split('=', ':', ' ');
        var toleration = new Toleration { Key = parts[0], Operator = "Equal", Value = parts[1], Effect = parts[2] };
        if (parts.Length > 3) toleration.TolerationSeconds = long.Parse(parts[4], System.Globalization.CultureInfo.InvariantCulture);
        return toleration;
    }
}
