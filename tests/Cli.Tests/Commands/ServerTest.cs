using Orchestrator.Cli.Tests.Fakes;

namespace Orchestrator.Cli.Tests.Commands;

/// <summary>A test with a fake server of its own.</summary>
public abstract class ServerTest : IAsyncLifetime
{
    private protected FakeServer Server { get; private set; } = null!;
    private protected Orc Orc { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await FakeServer.StartAsync();
        Orc = new Orc(Server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected void PutPod(string name, string phase = "Running", string labels = "{}", string ns = "default", string node = "host-1") =>
        Server.Objects.Put($$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"{{{ns}}}","labels":{{{labels}}} },
             "spec":{"nodeName":"{{{node}}}","containers":[{"name":"c","image":"busybox:1"}]},
             "status":{"phase":"{{{phase}}}","conditions":[{"type":"Ready","status":"{{{(phase == "Running" ? "True" : "False")}}}"}]}}
            """);

    private protected void PutMachine(string name) =>
        Server.Objects.Put($$$"""{"apiVersion":"virt.orchestrator.dev/v1","kind":"VirtualMachine","metadata":{"name":"{{{name}}}"},"spec":{"image":"i"},"status":{"phase":"Running"}}""");
}
