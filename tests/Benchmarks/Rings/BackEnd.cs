using System.Diagnostics;

namespace Orchestrator.Benchmarks.Rings;

/// <summary>A process that serves devices at sockets: ours, or QEMU's.</summary>
internal sealed class BackEnd : IDisposable
{
    private readonly Process _process;

    private BackEnd(string socket, ProcessStartInfo start)
    {
        Socket = socket;
        start.RedirectStandardInput = true;
        _process = Process.Start(start)!;
        while (!File.Exists(socket) && !_process.HasExited)
        {
            Thread.Yield();
        }

        if (_process.HasExited)
        {
            throw new InvalidOperationException($"{start.FileName} ended with {_process.ExitCode}");
        }
    }

    public string Socket { get; }

    public static BackEnd Ours(string folder, string file)
    {
        var socket = Path.Combine(folder, $"ours-{Guid.NewGuid():N}.sock");
        return new BackEnd(socket, new ProcessStartInfo(Environment.ProcessPath!, [BlockServer.Word, socket, file]));
    }

    /// <summary>qemu-storage-daemon with its own io_uring back-end.</summary>
    public static BackEnd Qemu(string folder, string file)
    {
        var socket = Path.Combine(folder, $"qemu-{Guid.NewGuid():N}.sock");
        return new BackEnd(socket, new ProcessStartInfo("qemu-storage-daemon",
        [
            "--blockdev", $"driver=file,node-name=disk,filename={file},aio=io_uring,discard=unmap",
            "--export", $"type=vhost-user-blk,id=export,node-name=disk,addr.type=unix,addr.path={socket},writable=on,num-queues=1",
        ]));
    }

    /// <summary>Ours with two network cards; the first has its socket when the second has.</summary>
    public static BackEnd Switch(string first, string second) =>
        new(second, new ProcessStartInfo(Environment.ProcessPath!, [SwitchServer.Word, first, second]));

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(Socket);
    }
}
