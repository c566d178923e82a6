using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts.Encoding;

namespace Orchestrator.Contracts.Structural;

/// <summary>Checks one value against its limits; what stands below it isn't looked at.</summary>
internal sealed class LimitRules(Findings findings)
{
    public void Check(JsonNode value, ValueLimits limits)
    {
        if (limits.Allowed is { } allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value)))
        {
            var choices = allowed.Select(one => one?.ToJsonString() ?? "null").ToArray();
            findings.Add(FieldReasons.NotSupported, $"Unsupported value {Quoted.Bare(value.ToJsonString())}: must be one of {string.Join(", ", choices)}");
        }

        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                CheckText(value.GetValue<string>(), limits);
                break;
            case JsonValueKind.Number:
                CheckNumber(value.ToJsonString(), limits);
                break;
            case JsonValueKind.Array:
                CheckCount(((JsonArray)value).Count, limits.MinItems, limits.MaxItems, "items");
                break;
            case JsonValueKind.Object:
                CheckCount(((JsonObject)value).Count, limits.MinProperties, limits.MaxProperties, "members");
                break;
        }
    }

    private void CheckText(string text, ValueLimits limits)
    {
        // Of characters, as in JSON Schema; one outside of the first plane is one too.
        var length = limits.MinLength is null && limits.MaxLength is null ? 0 : text.EnumerateRunes().LongCount();
        if (length > limits.MaxLength) findings.Add(FieldReasons.TooLong, $"Too long: has {length} characters, must have at most {limits.MaxLength}");
        if (length < limits.MinLength) Invalid(Quoted.Text(text), $"must have at least {limits.MinLength} characters");
        if (limits.Pattern is { } pattern && !pattern.Fits(text)) Invalid(Quoted.Text(text), $"must match '{pattern}'");
        if (limits.Format.Length > 0 && !SchemaFormats.Fits(limits.Format, text)) Invalid(Quoted.Text(text), $"must be of format {limits.Format}");
    }

    private void CheckNumber(string text, ValueLimits limits)
    {
        var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (limits.Minimum is { } minimum && (number < minimum || (limits.ExclusiveMinimum && number == minimum)))
            Invalid(text, $"must be {(limits.ExclusiveMinimum ? "more than" : "at least")} {Text(minimum)}");
        if (limits.Maximum is { } maximum && (number > maximum || (limits.ExclusiveMaximum && number == maximum)))
            Invalid(text, $"must be {(limits.ExclusiveMaximum ? "less than" : "at most")} {Text(maximum)}");
        if (limits.MultipleOf is { } step && Math.Abs(Math.IEEERemainder(number, step)) > step * 1e-9) Invalid(text, $"must be a multiple of {Text(step)}");
        if (limits.Format == "int32" && number is < int.MinValue or > int.MaxValue) Invalid(text, "must be a whole number of 32 bits");
        if (limits.Format == "int64" && !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) && Math.Abs(number) >= long.MaxValue)
            Invalid(text, "must be a whole number of 64 bits");
    }

    private void CheckCount(int count, long? minimum, long? maximum, string what)
    {
        if (count > maximum) findings.Add(FieldReasons.TooMany, $"Too many: has {count} {what}, must have at most {maximum}");
        if (count < minimum) findings.Add(FieldReasons.Invalid, $"Invalid value: has {count} {what}, must have at least {minimum}");
    }

    private void Invalid(string value, string demand) => findings.Add(FieldReasons.Invalid, $"Invalid value {value}: {demand}");

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
