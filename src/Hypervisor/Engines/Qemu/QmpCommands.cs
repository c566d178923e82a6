using System.Text.Json;

namespace Orchestrator.Hypervisor.Engines.Qemu;

/// <summary>The few conversations that dom0 has with QEMU.</summary>
internal static class QmpCommands
{
    private const int MostVcpus = 1024;

    private const string CtrlAltDel =
        """{"keys":[{"type":"qcode","data":"ctrl"},{"type":"qcode","data":"alt"},{"type":"qcode","data":"delete"}]}""";

    public static async Task<IReadOnlyList<long>> VcpuThreadsAsync(QmpClient client, CancellationToken cancellation)
    {
        var cpus = await client.ExecuteAsync("query-cpus-fast", "{}", cancellation);
        return cpus.ValueKind is JsonValueKind.Array
            ? [.. cpus.EnumerateArray().Take(MostVcpus).Select(ThreadId)]
            : throw new InvalidDataException("query-cpus-fast returned no list");
    }

    /// <summary>
    /// The key works with every guest that has an init, without ACPI. From then on a reboot, which some take it for, ends the guest.
    /// </summary>
    public static async Task<bool> PressCtrlAltDelAsync(QmpClient client, CancellationToken cancellation)
    {
        await client.ExecuteAsync("set-action", """{"reboot":"shutdown"}""", cancellation);
        await client.ExecuteAsync("send-key", CtrlAltDel, cancellation);
        return true;
    }

    private static long ThreadId(JsonElement cpu) =>
        cpu.ValueKind is JsonValueKind.Object && cpu.TryGetProperty("thread-id", out var value)
            && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var thread)
            ? thread
            : throw new InvalidDataException("a virtual CPU without its thread");
}
