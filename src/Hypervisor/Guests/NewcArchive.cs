using System.Text;

namespace Orchestrator.Hypervisor.Guests;

/// <summary>
/// A cpio archive in the kernel's "newc" form (Documentation/driver-api/early-userspace/buffer-format.rst): a header of hexadecimal
/// fields, the name and the data, each padded to 4 bytes. Archives may follow one another in one initramfs.
/// </summary>
internal sealed class NewcArchive
{
    public const int Executable = 0x81ED; // regular, 0755
    public const int PrivateFile = 0x8180; // regular, 0600
    public const int ReadableFile = 0x81A4; // regular, 0644
    private const int Folder = 0x41ED; // directory, 0755
    private const int CharacterDevice = 0x2180; // 0600
    private const string EndName = "TRAILER!!!";
    private const int Alignment = 4;

    private readonly List<byte> _content = [];
    private int _inode;

    public void AddFolder(string name) => Add(name, Folder, []);

    public void AddFile(string name, int mode, ReadOnlySpan<byte> content) => Add(name, mode, content);

    public void AddCharacterDevice(string name, int major, int minor) => Add(name, CharacterDevice, [], major, minor);

    public byte[] ToArray()
    {
        Add(EndName, 0, []);
        return [.. _content];
    }

    private void Add(string name, int mode, ReadOnlySpan<byte> content, int major = 0, int minor = 0)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name + "\0");
        int[] fields =
        [
            ++_inode, mode, 0, 0, 1, 0, content.Length, 0, 0, major, minor, nameBytes.Length, 0,
        ];
        _content.AddRange("070701"u8);
        foreach (var field in fields)
        {
            _content.AddRange(Encoding.ASCII.GetBytes(field.ToString("X8")));
        }

        _content.AddRange(nameBytes);
        Pad();
        _content.AddRange(content);
        Pad();
    }

    private void Pad()
    {
        while (_content.Count % Alignment != 0)
        {
            _content.Add(0);
        }
    }
}
