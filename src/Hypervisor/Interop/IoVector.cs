using System.Runtime.InteropServices;

namespace Orchestrator.Hypervisor.Interop;

/// <summary>struct iovec of readv(2): a piece of memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Start;
    public nuint Length;
}
