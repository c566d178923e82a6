using System.Text;

namespace Orchestrator.Contracts.Encoding;

/// <summary>
/// What is wrong with one field. <see cref="Path"/> is as in <c>spec.containers[0].image</c>, empty for the whole
/// document; <see cref="Reason"/> is one of <see cref="FieldReasons"/>; line and column count from 1 and are 0 where
/// there is no text that the object came from.
/// </summary>
public sealed record FieldError(string Path, string Message, string Reason, string Source = "", int Line = 0, int Column = 0)
{
    /// <summary><c>pod.yaml:7:5: spec.containers[0].image: Required value</c></summary>
    public override string ToString()
    {
        var text = new StringBuilder(Source);
        if (Line > 0) text.Append(Source.Length > 0 ? ":" : "line ").Append(Line).Append(':').Append(Column);
        if (text.Length > 0) text.Append(": ");
        if (Path.Length > 0) text.Append(Path).Append(": ");
        return text.Append(Message).ToString();
    }
}

/// <summary>The reasons that a <see cref="FieldError"/> may have.</summary>
public static class FieldReasons
{
    public const string Required = "Required";
    public const string Invalid = "Invalid";
    public const string NotSupported = "NotSupported";
    public const string Duplicate = "Duplicate";
    public const string TooLong = "TooLong";
    public const string TooMany = "TooMany";
    public const string Unknown = "Unknown";
    public const string Forbidden = "Forbidden";
    public const string TypeInvalid = "TypeInvalid";

    /// <summary>What the value names doesn't exist.</summary>
    public const string NotFound = "NotFound";

    /// <summary>The rule is kept, and nobody sees to it that it is kept to.</summary>
    public const string NotEnforced = "NotEnforced";

    /// <summary>Another manager owns the field (server-side apply).</summary>
    public const string ManagerConflict = "FieldManagerConflict";
}
