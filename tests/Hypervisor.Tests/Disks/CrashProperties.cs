using CsCheck;

namespace Orchestrator.Hypervisor.Tests.Disks;

public sealed class CrashProperties(ITestOutputHelper output)
{
    /// <summary>How many cases; <c>./dev soak disks</c> asks for many more.</summary>
    private static readonly int Cases = int.Parse(Environment.GetEnvironmentVariable("ORCHESTRATOR_SOAK_CASES") ?? "100");

    /// <summary>
    /// The process is killed or the power cut at any change of a file and in the middle of it. After a cut any part of what was not flushed is
    /// lost, torn or out of order, and what was flushed is there; after a kill all that was acknowledged is. No snapshot and no base has changed
    /// a byte.
    /// </summary>
    [Fact]
    public void ACrashTakesOnlyWhatItMay()
    {
        var crashes = 0;
        Gen.Int.Holds(
            seed =>
            {
                var world = new DiskWorld(seed);
                world.Run(40);
                Interlocked.Add(ref crashes, world.Crashes);
            },
            iter: Cases);
        output.WriteLine($"{Cases} disks, {crashes} crashes");
    }
}
