using Orchestrator.Silo.Hosting;
using Orchestrator.Silo.Networking;

return await SiloStart.Guard(async () =>
{
    var builder = WebApplication.CreateSlimBuilder(SiloHost.Defaults);
    var options = builder.AddOptions(args);
    builder.AddTelemetry(options);
    builder.AddDoors(options);
    builder.AddOrleans();
    builder.Services.AddStore().AddObjects().AddWorkloads().AddNetworking().AddAgents().AddApi();

    await using var app = builder.Build();
    var sequencer = app.OpenStore(options);
    app.MapDoors();
    app.RestrictAgentSocket(options);
    app.StopWhenFenced(sequencer);
    app.ReturnStartMemory();
    await app.RunAsync();
    return !sequencer.IsFenced;
});
