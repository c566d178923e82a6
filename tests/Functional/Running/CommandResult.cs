namespace Orchestrator.Functional.Running;

/// <summary>How a program ended and all that it printed.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>The output of a program that has to succeed.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, ToString());
        return Output;
    }

    public override string ToString() => $"{Command}\nexit code {ExitCode}\n{Output}{Errors}";
}
