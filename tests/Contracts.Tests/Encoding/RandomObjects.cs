using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Tests.Encoding;

/// <summary>Makes objects of any kind from its descriptor: valid ones, or ones whose strings are anything at all.</summary>
internal sealed class RandomObjects
{
    private static readonly string[] Awkward =
    [
        "true", "no", "null", "~", "123", "-1", "1e3", "0x1f", "0o17", "0644", "1_000", "12:30", "2026-01-02", "1.5", ".5", ".inf", "", " ", " x", "x ",
        "a: b", "a #b", "#", "- x", "-", "--", "---", "--- x", "...", "? x", ": x", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "'", "\"", "\\", "{}", "[]", "<<", "=",
        "a\nb", "a\n", "\na", "\n", "\n\n", "a\n\n", " a\nb", "a\n b\n", "a\n\n\nb", "a \nb", "a\tb\n\tc", "a\r\nb", "\r", "\t", "\tx", "x\t", "a\n\t", "\u0000", "\u0007", "\u0085", "\u2028",
        "\uFEFF", "x\uFEFFy\n", "é", "日本語", "😀", "a\n😀\n", "\u00A0", "\u00A0x", "a:", "a,b", "a]", "key: [x", "# c\nb", "--- \nb", "x\n---\ny\n", "x\n...\ny",
    ];

    private readonly Random _random;
    private readonly bool _valid;

    public RandomObjects(int seed, bool valid) => (_random, _valid) = (new Random(seed), valid);

    public IMessage Make(Kind kind)
    {
        var obj = Message(kind.Descriptor);
        var metadata = kind.EnsureMetadata(obj);
        metadata.Name = _valid ? Text(kind.Rules.NameFormat) : metadata.Name;
        if (_valid && metadata.GenerateName.Length > 0) metadata.GenerateName = Text(kind.Rules.NameFormat)[..1] + "-";
        if (_valid && !kind.Namespaced) metadata.Namespace = "";
        return obj;
    }

    private IMessage Message(MessageDescriptor descriptor)
    {
        if (descriptor.FullName == Timestamp.Descriptor.FullName) return new Timestamp { Seconds = _random.NextInt64(-62135596800, 253402300800) };
        if (descriptor.FullName == IntOrString.Descriptor.FullName) return _random.Next(2) == 0 ? new IntOrString { IntValue = _random.Next() } : new IntOrString { StringValue = Anything() };
        var message = descriptor.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in descriptor.Fields.InDeclarationOrder())
        {
            var rules = field.GetOptions()?.GetExtension(RulesExtensions.Field) ?? new FieldRules();
            if (!rules.Required && _random.Next(3) == 0) continue;
            if (field.IsMap) FillMap((IDictionary)field.Accessor.GetValue(message), field, rules);
            else if (field.IsRepeated) FillList((IList)field.Accessor.GetValue(message), field, rules);
            else field.Accessor.SetValue(message, Value(field, rules, rules.Format));
        }
        return message;
    }

    private void FillList(IList list, FieldDescriptor field, FieldRules rules)
    {
        var keys = new HashSet<string>();
        for (var count = _random.Next(Math.Max(1, rules.MinimumItems), 4); list.Count < count;)
        {
            var value = Value(field, rules, rules.Format);
            var key = rules.ListMapKeys.Count > 0
                ? KeyOf((IMessage)value, rules.ListMapKeys)
                : value.ToString()!;
            if (!_valid || rules.ListType == ListType.Atomic || keys.Add(key)) list.Add(value);
        }
    }

    /// <summary>As the API sees it: a port without a protocol has the key of the same port with TCP.</summary>
    private static string KeyOf(IMessage item, IEnumerable<string> keys)
    {
        var complete = item.Descriptor.Parser.ParseFrom(item.ToByteString());
        Defaults.Apply(complete);
        return string.Join('/', keys.Select(name => item.Descriptor.FindFieldByName(Snake(name)).Accessor.GetValue(complete)));
    }

    private void FillMap(IDictionary map, FieldDescriptor field, FieldRules rules)
    {
        for (var count = _random.Next(1, 4); count > 0; count--)
        {
            map[Text(rules.KeyFormat)] = Value(field.MessageType.FindFieldByNumber(2), rules, rules.ValueFormat);
        }
    }

    private object Value(FieldDescriptor field, FieldRules rules, Format format) => field.FieldType switch
    {
        FieldType.String when _valid && rules.Allowed.Count > 0 => rules.Allowed[_random.Next(rules.Allowed.Count)],
        FieldType.String => Text(format),
        FieldType.Bool => _random.Next(2) == 0,
        FieldType.Int32 => (int)Integer(rules, int.MinValue, int.MaxValue),
        FieldType.Int64 => Integer(rules, long.MinValue, long.MaxValue),
        FieldType.Bytes when rules.RawJson => ByteString.CopyFromUtf8("{\"f:x\":{\"k:{\\\"name\\\":\\\"y\\\"}\":{}},\"n\":[1,-2.5,true,null," + _random.Next(9) + "]}"),
        FieldType.Bytes => ByteString.CopyFromUtf8(Anything()),
        FieldType.Message when _valid && field.MessageType == IntOrString.Descriptor => _random.Next(2) == 0
            ? new IntOrString { IntValue = (int)Integer(rules, 0, int.MaxValue) }
            : new IntOrString { StringValue = Text(format) },
        _ => Message(field.MessageType),
    };

    private long Integer(FieldRules rules, long minimum, long maximum) => _valid
        ? _random.NextInt64(rules.HasMinimum ? rules.Minimum : minimum, rules.HasMaximum ? rules.Maximum : maximum)
        : _random.NextInt64(minimum, maximum);

    private string Text(Format format)
    {
        if (!_valid) return Anything();
        var label = $"n{_random.Next(1_000_000)}";
        return format switch
        {
            Format.Quantity => $"{_random.Next(1, 1000)}{new[] { "", "m", "Ki", "Gi", "k", "e3" }[_random.Next(6)]}",
            Format.DnsSubdomain => $"{label}.example.com",
            Format.QualifiedName => $"example.com/{label}_A.b",
            Format.LabelValue => _random.Next(2) == 0 ? "" : $"V_{label}.x",
            Format.ImageReference => $"registry.local:5000/{label}/app:v1.{_random.Next(9)}",
            Format.AbsolutePath => $"/{label}/..",
            Format.IpAddress => $"10.0.{_random.Next(256)}.1",
            Format.Cidr => $"10.{_random.Next(256)}.0.0/16",
            Format.MacAddress => $"02:00:00:00:00:{_random.Next(256):x2}",
            Format.Unspecified => Anything() is { Length: > 0 } text ? text : "x",
            _ => label,
        };
    }

    private string Anything() => _random.Next(3) switch
    {
        0 => Awkward[_random.Next(Awkward.Length)],
        1 => Awkward[_random.Next(Awkward.Length)] + Awkward[_random.Next(Awkward.Length)],
        _ => string.Concat(Enumerable.Range(0, _random.Next(12)).Select(_ => Rune())),
    };

    private string Rune()
    {
        var value = _random.Next(4) == 0 ? _random.Next(0x110000) : _random.Next(0x80);
        return value is >= 0xD800 and < 0xE000 ? "x" : char.ConvertFromUtf32(value);
    }

    private static string Snake(string jsonName) => string.Concat(jsonName.Select(letter => char.IsUpper(letter) ? $"_{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
