using Google.Protobuf;
using Orchestrator.Contracts.Encoding.Rules;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding;

/// <summary>Checks objects against their definitions: everything that is wrong, at once.</summary>
public static class Validation
{
    /// <summary>
    /// Checks an object whose defaults are filled in, or a part of one. Of the namespace it says only that a
    /// cluster-wide kind has none: the caller knows which one is meant where a namespaced object names none.
    /// </summary>
    public static IReadOnlyList<FieldError> Check(Kind kind, IMessage obj)
    {
        var findings = new Findings("");
        Check(kind, obj, findings);
        return findings.ToErrors();
    }

    /// <summary>The same of an object whose kind is built in, or of a part of one.</summary>
    public static IReadOnlyList<FieldError> Check(IMessage obj)
    {
        var findings = new Findings("");
        new ObjectRules(findings).Check(obj, KindCatalog.Find(obj.Descriptor));
        return findings.ToErrors();
    }

    internal static void Check(Kind kind, IMessage obj, Findings findings)
    {
        MetadataRules.Check(obj, kind, findings);
        kind.Definition.Check(obj, findings);
    }

    /// <summary>What <see cref="Check(Kind, IMessage)"/> says of the new object, and what of it may not differ from the old one.</summary>
    public static IReadOnlyList<FieldError> CheckUpdate(Kind kind, IMessage old, IMessage @new)
    {
        var findings = new Findings("");
        Check(kind, @new, findings);
        new UpdateRules(findings).CheckIdentity(kind.MetadataOf(old) ?? new ObjectMeta(), kind.MetadataOf(@new) ?? new ObjectMeta());
        kind.Definition.CheckChange(old, @new, findings);
        return findings.ToErrors();
    }

    /// <summary>The same of messages whose kind is built in, or of parts of objects.</summary>
    /// <exception cref="ArgumentException">The two are not of one type.</exception>
    public static IReadOnlyList<FieldError> CheckUpdate(IMessage old, IMessage @new)
    {
        if (old.Descriptor != @new.Descriptor)
        {
            throw new ArgumentException($"{@new.Descriptor.FullName} can't replace {old.Descriptor.FullName}.", nameof(@new));
        }
        var kind = KindCatalog.Find(@new.Descriptor);
        var findings = new Findings("");
        new ObjectRules(findings).Check(@new, kind);
        var update = new UpdateRules(findings);
        if (kind is not null) update.CheckIdentity(kind.MetadataOf(old) ?? new ObjectMeta(), kind.MetadataOf(@new) ?? new ObjectMeta());
        update.Check(old, @new, MessageShape.Of(@new));
        return findings.ToErrors();
    }
}
