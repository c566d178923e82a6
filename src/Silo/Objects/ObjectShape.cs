using Google.Protobuf;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Silo.Objects;

/// <summary>Reads and writes the parts that objects of all kinds have: <c>spec</c> (field 2) and <c>status</c> (field 3).</summary>
internal static class ObjectShape
{
    public static bool HasStatus(Kind kind) => kind.Descriptor.FindFieldByName("status") is not null;

    /// <summary>Only what has a spec has generations of it.</summary>
    public static bool HasSpec(Kind kind) => kind.Descriptor.FindFieldByName("spec") is not null;

    public static object? Status(Kind kind, IMessage obj) => kind.Descriptor.FindFieldByName("status")?.Accessor.GetValue(obj);

    public static void SetStatus(Kind kind, IMessage obj, object? status)
    {
        var field = kind.Descriptor.FindFieldByName("status");
        if (field is null) return;
        if (status is null) field.Accessor.Clear(obj);
        else field.Accessor.SetValue(obj, status);
    }

    /// <summary>True if anything but metadata and status differs: then it is a new generation.</summary>
    public static bool SpecDiffers(Kind kind, IMessage left, IMessage right) =>
        kind.Descriptor.Fields.InDeclarationOrder()
            .Where(field => field.Name is not ("metadata" or "status"))
            .Any(field => !Equals(field.Accessor.GetValue(left), field.Accessor.GetValue(right)));
}
