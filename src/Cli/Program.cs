using Orchestrator.Cli;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;

using var interrupts = new Interrupts();
using var environment = CommandEnvironment.OfProcess();
return await CommandLine.RunAsync(args, environment, interrupts.Token);
