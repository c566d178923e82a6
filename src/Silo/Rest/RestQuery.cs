using System.Globalization;
using Microsoft.Extensions.Primitives;
using Orchestrator.Contracts.Encoding;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Rest;

/// <summary>The query of a URL, as Kubernetes names its parameters. What can't be read is reported; what nobody knows is ignored.</summary>
internal sealed class RestQuery
{
    private readonly IQueryCollection _values;
    private readonly List<string> _problems = [];

    private RestQuery(IQueryCollection values)
    {
        _values = values;
        LabelSelector = Text("labelSelector");
        FieldSelector = Text("fieldSelector");
        Continue = Text("continue");
        ResourceVersion = Text("resourceVersion");
        ResourceVersionMatch = Text("resourceVersionMatch", "", "Exact", "NotOlderThan");
        Watch = Flag("watch") ?? false;
        AllowWatchBookmarks = Flag("allowWatchBookmarks") ?? false;
        SendInitialEvents = Flag("sendInitialEvents");
        Limit = (int)Math.Min(int.MaxValue, Number("limit") ?? 0);
        TimeoutSeconds = Number("timeoutSeconds");
        DryRun = Text("dryRun", "", "All").Length > 0;
        FieldManager = Text("fieldManager");
        Force = Flag("force") ?? false;
        Pretty = Flag("pretty") ?? false;
        GracePeriodSeconds = Number("gracePeriodSeconds");
        PropagationPolicy = Text("propagationPolicy");
        OrphanDependents = Flag("orphanDependents");
        IncludeObject = Text("includeObject", "", "None", "Metadata", "Object");
        FieldValidation = Text("fieldValidation", "", "Strict", "Warn", "Ignore") switch
        {
            "Strict" => FieldValidation.Strict,
            "Ignore" => FieldValidation.Ignore,
            _ => FieldValidation.Warn,
        };
    }

    public string LabelSelector { get; }
    public string FieldSelector { get; }
    public string Continue { get; }
    public string ResourceVersion { get; }
    public string ResourceVersionMatch { get; }
    public bool Watch { get; }
    public bool AllowWatchBookmarks { get; }
    public bool? SendInitialEvents { get; }
    public int Limit { get; }
    public long? TimeoutSeconds { get; }
    public bool DryRun { get; }
    public string FieldManager { get; }
    public bool Force { get; }
    public bool Pretty { get; }
    public long? GracePeriodSeconds { get; }
    public string PropagationPolicy { get; }
    public bool? OrphanDependents { get; }
    public string IncludeObject { get; }
    public FieldValidation FieldValidation { get; }

    public static (RestQuery Query, ApiError? Error) Read(HttpRequest request)
    {
        var query = new RestQuery(request.Query);
        return (query, query._problems.Count == 0 ? null : new ApiError(ErrorReason.BadRequest, string.Join("; ", query._problems)));
    }

    private string Text(string name, params ReadOnlySpan<string> allowed)
    {
        var text = _values.TryGetValue(name, out var values) && !StringValues.IsNullOrEmpty(values) ? values[0]! : "";
        if (allowed.Length > 0 && !allowed.Contains(text)) _problems.Add($"{name}: Invalid value \"{text}\": must be one of {string.Join(", ", allowed[1..]!)}");
        return text;
    }

    private bool? Flag(string name) => Text(name) switch
    {
        "" when !_values.ContainsKey(name) => null,
        "" or "1" or "true" or "True" or "TRUE" or "t" or "T" => true,
        "0" or "false" or "False" or "FALSE" or "f" or "F" => false,
        var text => Problem<bool?>($"{name}: Invalid value \"{text}\": must be true or false"),
    };

    private long? Number(string name)
    {
        var text = Text(name);
        if (text.Length == 0) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : Problem<long?>($"{name}: Invalid value \"{text}\": must be a whole number of 0 or more");
    }

    private T? Problem<T>(string problem)
    {
        _problems.Add(problem);
        return default;
    }
}
