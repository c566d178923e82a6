using Google.Protobuf.Reflection;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Encoding.Rules;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Tests.Kinds;

/// <summary>What every object definition must keep to, so that the codec and the store can rely on it.</summary>
public sealed class DefinitionTests
{
    public static TheoryData<string> Kinds => [.. KindCatalog.All.Select(kind => kind.Descriptor.FullName)];
    public static TheoryData<string> Messages => [.. AllMessages.Keys];

    private static readonly Dictionary<string, MessageDescriptor> AllMessages = Reachable();

    [Theory, MemberData(nameof(Kinds))]
    public void A_kind_has_its_metadata_first_and_says_how_it_is_named(string name)
    {
        var kind = KindCatalog.Find(AllMessages[name])!;
        var metadata = kind.Descriptor.FindFieldByNumber(1);
        Assert.Equal(("metadata", ObjectMeta.Descriptor), (metadata.Name, metadata.MessageType));
        Assert.Equal(kind.Descriptor.Name, kind.Name);
        Assert.NotEqual(Format.Unspecified, kind.Rules.NameFormat);
        Assert.Equal(kind.Name.ToLowerInvariant(), kind.Rules.Singular);
        Assert.Equal(kind.Rules.Plural, kind.Rules.Plural.ToLowerInvariant());
        Assert.Null(kind.Descriptor.FindFieldByName("api_version"));
        Assert.Null(kind.Descriptor.FindFieldByName("kind"));
    }

    [Fact]
    public void No_two_kinds_share_a_name()
    {
        // Endpoints are called the same, one or many.
        var names = KindCatalog.All.SelectMany(kind => kind.Rules.ShortNames.Append(kind.Rules.Plural).Append(kind.Rules.Singular).Distinct()).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Theory, MemberData(nameof(Messages))]
    public void The_rules_of_every_field_agree_with_each_other(string message)
    {
        foreach (var field in MessageShape.Of(AllMessages[message]).Fields)
        {
            var rules = field.Rules;
            var isText = field.Element is ElementKind.String or ElementKind.IntOrString;
            Assert.True(rules.Format == Format.Unspecified || (isText && !field.IsMap), $"{field.Descriptor.FullName}: format");
            Assert.True(rules.Allowed.Count == 0 || (isText && !field.IsMap), $"{field.Descriptor.FullName}: allowed");
            Assert.True((rules.KeyFormat == Format.Unspecified && rules.ValueFormat == Format.Unspecified) || field.IsMap, $"{field.Descriptor.FullName}: key_format");
            Assert.True(!(rules.HasMinimum || rules.HasMaximum) || field.Element is ElementKind.Int32 or ElementKind.Int64 or ElementKind.IntOrString, $"{field.Descriptor.FullName}: minimum");
            Assert.True(!(rules.HasMinimum && rules.HasMaximum) || rules.Minimum <= rules.Maximum, $"{field.Descriptor.FullName}: maximum");
            Assert.True(rules.ListType == ListType.Atomic || field.IsList, $"{field.Descriptor.FullName}: list_type");
            Assert.True(!rules.MicroTime || field.Element == ElementKind.Timestamp, $"{field.Descriptor.FullName}: micro_time");
            Assert.True(!rules.Required || rules.DefaultJson.Length == 0, $"{field.Descriptor.FullName}: a default makes required void");
            Assert.Equal(rules.ListType == ListType.Map, rules.ListMapKeys.Count > 0);
            Assert.All(rules.ListMapKeys, key => Assert.NotNull(field.Message.Find(key)));
        }
    }

    [Theory, MemberData(nameof(Messages))]
    public void Every_default_can_be_read_and_is_valid(string message)
    {
        var shape = MessageShape.Of(AllMessages[message]);
        foreach (var field in shape.Fields.Where(field => field.Rules.DefaultJson.Length > 0))
        {
            var findings = new Findings("");
            var obj = shape.Create();
            MessageReader.ReadField(obj, field, field.Default!, findings);
            Assert.Empty(findings.ToErrors());
            Assert.True(field.IsPresent(obj), $"{field.Descriptor.FullName}: its default is the same as absence");
            new ObjectRules(findings).Check(obj, kind: null);
            Assert.DoesNotContain(findings.ToErrors(), error => error.Path == field.Name);
        }
    }

    [Theory, MemberData(nameof(Messages))]
    public void Only_int_or_string_is_a_oneof(string message) =>
        Assert.True(AllMessages[message].RealOneofCount == 0 || message == IntOrString.Descriptor.FullName);

    private static Dictionary<string, MessageDescriptor> Reachable()
    {
        var found = new Dictionary<string, MessageDescriptor>();
        var pending = new Stack<MessageDescriptor>(KindCatalog.All.Select(kind => kind.Descriptor).Append(IntOrString.Descriptor));
        while (pending.TryPop(out var message))
        {
            if (message.File.Package.StartsWith("google.", StringComparison.Ordinal) || !found.TryAdd(message.FullName, message)) continue;
            foreach (var field in message.Fields.InDeclarationOrder())
            {
                var value = field.IsMap ? field.MessageType.FindFieldByNumber(2) : field;
                if (value.FieldType == FieldType.Message) pending.Push(value.MessageType);
            }
        }
        return found;
    }
}
