using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Orchestrator.Hypervisor.Interop;

namespace Orchestrator.Hypervisor.Memory;

/// <summary>
/// A signal handler in machine code. Touching a page that its owner has cut off raises SIGBUS, on which the runtime would end the
/// process: managed code can't run there, but these bytes can. They look the address up in a table of watched ranges; if it is in
/// one, they mark it, lay zeros over the whole range and return, so that the access is repeated and succeeds; else they jump to the
/// handler that was there before. Nothing else is touched: no stack beyond three registers, no lock, no memory but the table.
/// </summary>
internal static unsafe class BusErrorHandler
{
    public const int EntryBytes = 32;
    public const int LengthOffset = 8;
    public const int HitOffset = 16;

    public static bool IsSupported => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Puts the handler in front of the runtime's. Once in a process.</summary>
    public static void Install(byte* table, int entries)
    {
        // Sound: the page is ours, holds exactly the code, and is never freed: a handler must exist as long as the process.
        var page = Signals.AllocatePages(SharedMemory.PageBytes);
        Code((ulong)table, (ulong)table + ((ulong)entries * EntryBytes), (ulong)Signals.CurrentHandler(Signals.BusError))
            .CopyTo(new Span<byte>(page, SharedMemory.PageBytes));
        Signals.MakeExecutable(page, SharedMemory.PageBytes);
        Signals.ReplaceHandler(Signals.BusError, page);
    }

    /// <summary>x86-64, System V: the signal in rdi, siginfo in rsi, the context in rdx. Every register used is the callee's to lose.</summary>
    private static byte[] Code(ulong table, ulong end, ulong previous)
    {
        byte[] code =
        [
            0x4C, 0x8B, 0x46, 0x10,                         //         mov  r8, [rsi + 16]       si_addr
            0x49, 0xB9, 0, 0, 0, 0, 0, 0, 0, 0,             //         mov  r9, table
            0x49, 0xBA, 0, 0, 0, 0, 0, 0, 0, 0,             //         mov  r10, end
            0x4C, 0x89, 0xC0,                               // next:   mov  rax, r8
            0x49, 0x2B, 0x01,                               //         sub  rax, [r9]            start
            0x49, 0x3B, 0x41, 0x08,                         //         cmp  rax, [r9 + 8]        length
            0x72, 0x15,                                     //         jb   found
            0x49, 0x83, 0xC1, 0x20,                         //         add  r9, 32
            0x4D, 0x39, 0xD1,                               //         cmp  r9, r10
            0x72, 0xEB,                                     //         jb   next
            0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0,             // others: mov  rax, previous
            0xFF, 0xE0,                                     //         jmp  rax
            0x49, 0xC7, 0x41, 0x10, 0x01, 0x00, 0x00, 0x00, // found:  mov  qword [r9 + 16], 1   hit
            0x57, 0x56, 0x52,                               //         push rdi; push rsi; push rdx
            0x49, 0x8B, 0x39,                               //         mov  rdi, [r9]
            0x49, 0x8B, 0x71, 0x08,                         //         mov  rsi, [r9 + 8]
            0xBA, 0x03, 0x00, 0x00, 0x00,                   //         mov  edx, READ | WRITE
            0x41, 0xBA, 0x32, 0x00, 0x00, 0x00,             //         mov  r10d, PRIVATE | ANONYMOUS | FIXED
            0x49, 0xC7, 0xC0, 0xFF, 0xFF, 0xFF, 0xFF,       //         mov  r8, -1
            0x45, 0x31, 0xC9,                               //         xor  r9d, r9d
            0xB8, 0x09, 0x00, 0x00, 0x00,                   //         mov  eax, mmap
            0x0F, 0x05,                                     //         syscall
            0x5A, 0x5E, 0x5F,                               //         pop  rdx; pop rsi; pop rdi
            0x48, 0x3D, 0x01, 0xF0, 0xFF, 0xFF,             //         cmp  rax, -4095
            0x73, 0xBB,                                     //         jae  others
            0xC3,                                           //         ret
        ];
        BinaryPrimitives.WriteUInt64LittleEndian(code.AsSpan(6), table);
        BinaryPrimitives.WriteUInt64LittleEndian(code.AsSpan(16), end);
        BinaryPrimitives.WriteUInt64LittleEndian(code.AsSpan(47), previous);
        return code;
    }
}
