using Google.Protobuf;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

internal sealed class ConfigMapStrategy : KindStrategy
{
    public override IEnumerable<FieldError> Admit(IMessage obj, ObjectCache cache)
    {
        var map = (ConfigMap)obj;
        foreach (var key in map.BinaryData.Keys.Where(map.Data.ContainsKey))
            yield return new FieldError($"data[{key}]", "Invalid value: duplicate of key present in binaryData", FieldReasons.Invalid);
    }

    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = ((ConfigMap)old, (ConfigMap)updated);
        return before.Immutable ? Immutable.Check(after.Immutable, before.Data.Equals(after.Data) && before.BinaryData.Equals(after.BinaryData)) : Admit(updated, null!);
    }
}

/// <summary>A secret's text becomes its data.</summary>
internal sealed class SecretStrategy : KindStrategy
{
    public override void PrepareForCreate(IMessage obj, ObjectCache cache) => TakeText((Secret)obj);

    public override void PrepareForUpdate(IMessage old, IMessage updated) => TakeText((Secret)updated);

    public override IEnumerable<FieldError> AdmitUpdate(IMessage old, IMessage updated)
    {
        var (before, after) = ((Secret)old, (Secret)updated);
        return before.Immutable ? Immutable.Check(after.Immutable, before.Data.Equals(after.Data)) : [];
    }

    private static void TakeText(Secret secret)
    {
        foreach (var (key, text) in secret.StringData) secret.Data[key] = ByteString.CopyFromUtf8(text);
        secret.StringData.Clear();
    }
}

/// <summary>What has been declared immutable stays so, and its data with it.</summary>
internal static class Immutable
{
    public static IEnumerable<FieldError> Check(bool still, bool same)
    {
        if (!still) yield return new FieldError("immutable", "Forbidden: field is immutable when `immutable` is set", FieldReasons.Forbidden);
        if (!same) yield return new FieldError("data", "Forbidden: field is immutable when `immutable` is set", FieldReasons.Forbidden);
    }
}
