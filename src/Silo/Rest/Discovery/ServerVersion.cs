using System.Runtime.InteropServices;
using Orchestrator.Silo.Rest.Answers;

namespace Orchestrator.Silo.Rest.Discovery;

/// <summary>The version that clients judge by: Kubernetes' whose semantics we keep to, with our own behind it.</summary>
internal static class ServerVersion
{
    private const string Major = "1";
    private const string Minor = "31";

    public static readonly string Own = typeof(ServerVersion).Assembly.GetName().Version!.ToString(3);

    public static readonly ReadOnlyMemory<byte> Document = RestJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("major", Major);
        writer.WriteString("minor", Minor);
        writer.WriteString("gitVersion", $"v{Major}.{Minor}.0+orchestrator.{Own}");
        writer.WriteString("gitCommit", "");
        writer.WriteString("gitTreeState", "");
        writer.WriteString("buildDate", "1970-01-01T00:00:00Z");
        writer.WriteString("goVersion", "");
        writer.WriteString("compiler", RuntimeInformation.FrameworkDescription);
        writer.WriteString("platform", $"linux/{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}");
        writer.WriteEndObject();
    });
}
