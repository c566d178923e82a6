using Orchestrator.Hypervisor.Hosting;

var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.Configuration.AddEnvironmentVariables();
builder.Configuration.AddCommandLine(args);

return await builder
    .AddDom0Options()
    .AddTelemetry()
    .AddDomains()
    .AddApi()
    .RunDom0Async();
