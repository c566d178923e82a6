using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Orchestrator.Contracts.Encoding.Shapes;
using Orchestrator.Contracts.Encoding.Tree;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding;

internal readonly record struct ScalarProblem(string Reason, string Message);

/// <summary>Reads the values that are one text in JSON: strings, numbers, booleans, times, bytes.</summary>
internal static class ScalarReader
{
    private const string WholeNumber = "a whole number of 32 bits";

    public static bool TryRead(FieldShape field, ValueNode node, [NotNullWhen(true)] out object? value, out ScalarProblem problem)
    {
        value = Value(field, node);
        problem = value is null ? Problem(field, node) : default;
        return value is not null;
    }

    /// <summary>The value that stands for one that is missing in a list or a map.</summary>
    public static object Empty(FieldShape field) => field.Element switch
    {
        ElementKind.String => "",
        ElementKind.Boolean => false,
        ElementKind.Int32 => 0,
        ElementKind.Int64 => 0L,
        ElementKind.Bytes or ElementKind.RawJson => ByteString.Empty,
        ElementKind.Timestamp => new Timestamp(),
        ElementKind.IntOrString => new IntOrString(),
        _ => field.Message.Create(),
    };

    /// <summary>What was expected, what was found, and the way out where there is one.</summary>
    public static string Mismatch(string expected, ValueNode found) => found.Kind switch
    {
        ValueKind.Null => $"expected {expected}, found nothing (null)",
        ValueKind.Boolean => $"expected {expected}, found the boolean {found.Text}",
        ValueKind.Number => $"expected {expected}, found the number {Quoted.Bare(found.Text)}",
        ValueKind.String => $"expected {expected}, found the string {Quoted.Text(found.Text)}",
        ValueKind.List => $"expected {expected}, found a list",
        _ => $"expected {expected}, found an object",
    };

    private static object? Value(FieldShape field, ValueNode node) => (field.Element, node.Kind) switch
    {
        (ElementKind.String, ValueKind.String) => node.Text,
        (ElementKind.String, ValueKind.Number) when IsQuantity(field) => node.Text,
        (ElementKind.Boolean, ValueKind.Boolean) => node.Text == "true",
        (ElementKind.Int32, ValueKind.Number) => Int32(node.Text),
        (ElementKind.Int64, ValueKind.Number) => Integer(node.Text, long.MinValue, long.MaxValue),
        (ElementKind.Bytes, ValueKind.String) => Bytes(node.Text),
        (ElementKind.Timestamp, ValueKind.String) => WireTime.TryParse(node.Text, out var time) ? time : null,
        (ElementKind.RawJson, _) => NodeJson.Encode(node),
        (ElementKind.IntOrString, ValueKind.String) => new IntOrString { StringValue = node.Text },
        (ElementKind.IntOrString, ValueKind.Number) => Int32(node.Text) is { } number ? new IntOrString { IntValue = number } : null,
        _ => null,
    };

    private static string Expected(FieldShape field, ValueNode node) => field.Element switch
    {
        ElementKind.String => "a string",
        ElementKind.Boolean => "true or false",
        ElementKind.Int32 when node.Kind == ValueKind.Number => WholeNumber,
        ElementKind.Int64 when node.Kind == ValueKind.Number => "a whole number of 64 bits",
        ElementKind.Int32 or ElementKind.Int64 => "a number",
        ElementKind.Bytes => "bytes in base64",
        ElementKind.Timestamp => WireTime.Expected,
        _ => $"{WholeNumber} or a string",
    };

    private static ScalarProblem Problem(FieldShape field, ValueNode node)
    {
        var message = Mismatch(Expected(field, node), node);
        var isNumber = field.Element is ElementKind.Int32 or ElementKind.Int64;
        if (field.Element == ElementKind.String && node.Kind is ValueKind.Number or ValueKind.Boolean)
        {
            message += $"; write it in quotes: {Quoted.Text(node.Text)}";
        }
        else if (isNumber && node.Kind == ValueKind.String && Integer(node.Text, long.MinValue, long.MaxValue) is not null)
        {
            message += "; write it without quotes";
        }
        else if (isNumber && node.Kind == ValueKind.Number && HasLeadingZero(node.Text))
        {
            message += $", which begins as an octal number and is none; write {node.Text.TrimStart('0')}";
        }
        return new ScalarProblem(isNumber && node.Kind == ValueKind.Number ? FieldReasons.Invalid : FieldReasons.TypeInvalid, message);
    }

    private static bool IsQuantity(FieldShape field) => (field.IsMap ? field.Rules.ValueFormat : field.Rules.Format) == Format.Quantity;

    // A YAML `0644` is 644 to YAML 1.2, but 420 to kubectl, and to everybody who writes a file's mode.
    private static bool HasLeadingZero(string number) =>
        number.Length > 1 && number[0] == '0' && !number.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static long? Octal(string text, long maximum)
    {
        var number = 0L;
        foreach (var digit in text)
        {
            if (digit > '7' || number > maximum >> 3) return null;
            number = (number << 3) + (digit - '0');
        }

        return number <= maximum ? number : null;
    }

    private static int? Int32(string text) => (int?)Integer(text, int.MinValue, int.MaxValue);

    private static long? Integer(string text, long minimum, long maximum)
    {
        if (HasLeadingZero(text)) return Octal(text, maximum);
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            // 1e3 and 2.0 are whole numbers too.
            if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)) return null;
            if (exact != decimal.Truncate(exact) || exact < minimum || exact > maximum) return null;
            number = (long)exact;
        }
        return number < minimum || number > maximum ? null : number;
    }

    private static ByteString? Bytes(string text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var written) ? ByteString.CopyFrom(bytes, 0, written) : null;
    }
}
