using System.Text;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.VirtV1;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>What of cloud-init's files may stand in the object itself; what they say is for the guest to judge.</summary>
internal static class MachineCloudInitRules
{
    private const int MostBytes = 64 * 1024;

    public static IEnumerable<FieldError> Violations(CloudInit? files)
    {
        if (files is null) yield break;
        foreach (var (field, text) in ((string, string)[])[("userData", files.UserData), ("networkData", files.NetworkData), ("metaData", files.MetaData)])
        {
            if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > MostBytes)
                yield return new FieldError(
                    $"spec.cloudInit.{field}", $"Too long: {bytes} bytes; at most {MostBytes} may stand here, and more in the Secret `spec.cloudInit.secretName`", "TooLong");
        }
    }
}
