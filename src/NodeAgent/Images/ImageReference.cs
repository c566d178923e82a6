namespace Orchestrator.NodeAgent.Images;

/// <summary>Reads the parts of an image's name that decide how it is pulled.</summary>
internal static class ImageReference
{
    /// <summary>Whether the name means "the newest": its tag is <c>latest</c>, or it has neither tag nor digest.</summary>
    public static bool IsLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal)) return false;
        var tag = image.LastIndexOf(':');
        // A colon before the last slash belongs to the registry's port.
        return tag < 0 || tag < image.LastIndexOf('/') || image[(tag + 1)..] == "latest";
    }
}
