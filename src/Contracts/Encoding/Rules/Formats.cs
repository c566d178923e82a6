using Orchestrator.Contracts.Values;
using Orchestrator.Objects.MetaV1;

namespace Orchestrator.Contracts.Encoding.Rules;

/// <summary>The forms of strings, one row each: whether a text has the form, and what a user is told if not.</summary>
internal static class Formats
{
    private const string Label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

    /// <summary>What the text must be; null if it is that.</summary>
    public static string? Problem(Format format, string text) => format switch
    {
        Format.Quantity => QuantityProblem(text),
        Format.DnsLabel => Names.IsDnsLabel(text) ? null : $"must be a lower-case DNS label ({Label}), at most 63 characters",
        Format.DnsSubdomain => Names.IsDnsSubdomain(text)
            ? null
            : $"must be a lower-case DNS subdomain (labels {Label} of at most 63 characters, joined by '.'), at most 253 characters",
        Format.QualifiedName => Names.IsQualifiedName(text)
            ? null
            : "must be a name of letters, digits, '-', '_' and '.' that begins and ends with a letter or digit, at most 63 characters, "
                + "after an optional DNS subdomain and '/' (such as app or example.com/app)",
        Format.LabelValue => Names.IsLabelValue(text)
            ? null
            : "must be empty or letters, digits, '-', '_' and '.' that begin and end with a letter or digit, at most 63 characters",
        Format.ImageReference => ImageReferences.Problem(text),
        Format.AbsolutePath => text.StartsWith('/') && !text.Contains('\0') ? null : "must be an absolute path, which begins with '/'",
        Format.EnvironmentName => Names.IsEnvironmentName(text)
            ? null
            : "must be letters, digits, '_', '-' and '.', not begin with a digit, and not be '.' or begin with '..'",
        Format.PortName => Names.IsPortName(text)
            ? null
            : "must be lower-case letters, digits and single '-' within, at least one letter, at most 15 characters",
        Format.IpAddress => Addresses.IsAddress(text) ? null : "must be an IP address, such as 10.0.0.1 or fd00::1",
        Format.Cidr => Addresses.IsCidr(text) ? null : "must be an address range, such as 10.0.0.0/24 or fd00::/64",
        Format.PathSegment => Names.IsPathSegment(text) ? null : "must not be empty, '.' or '..', and not contain '/' or '%'",
        Format.ConfigKey => Names.IsConfigKey(text)
            ? null
            : "must be letters, digits, '-', '_' and '.', at most 253 characters, and not be '.' or begin with '..'",
        Format.MacAddress => Addresses.IsStation(text) ? null : "must be the MAC address of one station, such as 02:00:5e:10:00:01",
        _ => null,
    };

    private static string? QuantityProblem(string text)
    {
        if (!Quantity.TryParse(text, out var quantity)) return "must be a quantity, such as 500m, 1.5, 128Mi or 2e3, of at most 2^63-1";
        return quantity.IsNegative ? "must not be negative" : null;
    }
}
