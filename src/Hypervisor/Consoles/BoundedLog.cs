namespace Orchestrator.Hypervisor.Consoles;

/// <summary>
/// A log that never takes more than twice its limit on disk: when it has grown to the limit it becomes the older half, and a new one
/// begins. One writer; the tail is read from both halves.
/// </summary>
internal sealed class BoundedLog
{
    private readonly string _path;
    private readonly int _limitBytes;

    public BoundedLog(string path, int limitBytes)
    {
        _path = path;
        _limitBytes = limitBytes;
    }

    private string Older => _path + ".1";

    /// <exception cref="IOException">The disk is full.</exception>
    public void Append(ReadOnlySpan<byte> data)
    {
        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Write(data);
        if (file.Length >= _limitBytes)
        {
            File.Move(_path, Older, overwrite: true);
        }
    }

    /// <summary>The last bytes, at most as many as the limit.</summary>
    public byte[] Tail(int bytes)
    {
        byte[] all = [.. Read(Older), .. Read(_path)];
        return all.Length > bytes ? all[^bytes..] : all;
    }

    private static byte[] Read(string path) => File.Exists(path) ? File.ReadAllBytes(path) : [];
}
