using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>The rules of single values; each value gets its first problem only.</summary>
internal sealed class ValueRules
{
    private readonly Findings _findings;

    public ValueRules(Findings findings) => _findings = findings;

    public void CheckText(string text, FieldRules rules, Format format)
    {
        if (rules.MaximumLength > 0 && text.Length > rules.MaximumLength)
        {
            _findings.Add(FieldReasons.TooLong, $"Too long: has {text.Length} characters, must have at most {rules.MaximumLength}");
        }
        else if (rules.Allowed.Count > 0 && !rules.Allowed.Contains(text))
        {
            var meant = Similar.Find(text, rules.Allowed);
            var hint = meant is null ? "" : $"; did you mean \"{meant}\"?";
            _findings.Add(FieldReasons.NotSupported, $"Unsupported value {Quoted.Text(text)}: must be one of {Choices(rules)}{hint}");
        }
        else
        {
            CheckFormat(text, format, "Invalid value");
        }
    }

    public void CheckKey(string key, Format format) => CheckFormat(key, format, "Invalid key");

    public void CheckInteger(long number, FieldRules rules)
    {
        var tooSmall = rules.HasMinimum && number < rules.Minimum;
        var tooLarge = rules.HasMaximum && number > rules.Maximum;
        if (!tooSmall && !tooLarge) return;
        var range = (rules.HasMinimum, rules.HasMaximum) switch
        {
            (true, true) => $"between {rules.Minimum} and {rules.Maximum}",
            (true, false) => $"{rules.Minimum} or more",
            _ => $"{rules.Maximum} or less",
        };
        _findings.Add(FieldReasons.Invalid, $"Invalid value {number}: must be {range}");
    }

    public void CheckEither(IntOrString either, FieldRules rules, Format format)
    {
        if (either.ValueCase == IntOrString.ValueOneofCase.IntValue) CheckInteger(either.IntValue, rules);
        else if (either.ValueCase == IntOrString.ValueOneofCase.StringValue) CheckText(either.StringValue, rules, format);
        else _findings.Add(FieldReasons.Required, "Required value: a number or a string");
    }

    public static string Choices(FieldRules rules) => string.Join(", ", rules.Allowed.Select(allowed => $"\"{allowed}\""));

    private void CheckFormat(string text, Format format, string what)
    {
        if (Formats.Problem(format, text) is { } problem) _findings.Add(FieldReasons.Invalid, $"{what} {Quoted.Text(text)}: {problem}");
    }
}
