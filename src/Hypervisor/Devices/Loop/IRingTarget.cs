namespace Orchestrator.Hypervisor.Devices.Loop;

/// <summary>Whoever waits for an operation of io_uring: requests of disks, kicks of queues, sockets.</summary>
internal interface IRingTarget
{
    /// <summary>On the loop's thread. <paramref name="result"/> is what the system call would have returned, errors negative.</summary>
    void Complete(int result);
}
