using System.Text;

namespace Orchestrator.Hypervisor.Images;

/// <summary>The names in a layer: relative to the image's root, whatever they look like; some are marks for the layers below.</summary>
internal static class LayerPath
{
    public const string WhiteoutPrefix = ".wh.";
    public const string OpaqueMarker = ".wh..wh..opq";
    private const int LongestName = 255;

    public static bool IsMarker(string name) => name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal);

    /// <exception cref="InvalidImageException">It climbs, or no file system could have it.</exception>
    public static string[] Split(string path, ImageLimits limits)
    {
        if (Encoding.UTF8.GetByteCount(path) > limits.PathBytes)
        {
            throw new InvalidImageException($"a path of more than {limits.PathBytes} bytes");
        }

        var parts = path.Split('/').Where(part => part is not ("" or ".")).ToArray();
        foreach (var part in parts)
        {
            Check(part, path);
        }

        return parts;
    }

    public static void Check(string part, string path)
    {
        if (part == ".." || part.Contains('\0') || Encoding.UTF8.GetByteCount(part) > LongestName)
        {
            throw new InvalidImageException($"{path}: not a path inside an image");
        }
    }
}
