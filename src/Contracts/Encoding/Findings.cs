using System.Globalization;
using System.Text;
using Orchestrator.Contracts.Encoding.Tree;

namespace Orchestrator.Contracts.Encoding;

/// <summary>
/// Collects what is wrong while something walks an object. The walker enters and leaves fields; a path becomes text
/// only when there is an error, and its place is looked up in the tree that the object was read from, if there is one.
/// </summary>
internal sealed class Findings
{
    /// <summary>Beyond this the input is garbage and a longer answer helps nobody.</summary>
    private const int Maximum = 500;

    private readonly record struct Step(string Name, int Index, bool IsKey);

    private readonly string _source;
    private readonly List<FieldError> _errors = [];
    private readonly List<Step> _path = [];
    private HashSet<string>? _unreadable;
    private int _suppressed;

    public Findings(string source) => _source = source;

    /// <summary>The document that errors are to be located in; null where there is none.</summary>
    public ValueNode? Document { get; set; }

    public bool Any => _errors.Count > 0;

    /// <summary>In the order of their places, so far as they have any.</summary>
    public IReadOnlyList<FieldError> ToErrors()
    {
        var errors = _errors.OrderBy(error => error.Line).ThenBy(error => error.Column).ToList();
        var more = $"and {_suppressed} more errors, which are not shown";
        if (_suppressed > 0) errors.Add(new FieldError("", more, FieldReasons.TooMany, _source));
        return errors;
    }

    /// <summary>Empty findings for the same source.</summary>
    public Findings Fresh() => new(_source);

    public void AddAll(Findings other) => _errors.AddRange(other._errors);

    public void EnterField(string name) => _path.Add(new Step(name, -1, false));
    public void EnterItem(int index) => _path.Add(new Step("", index, false));
    public void EnterKey(string key) => _path.Add(new Step(key, -1, true));
    public void Leave() => _path.RemoveAt(_path.Count - 1);

    /// <summary>Forgets what has been unreadable so far: paths of the next document mean other fields.</summary>
    public void StartDocument(ValueNode document)
    {
        Document = document;
        _unreadable = null;
    }

    /// <summary>The value here could not be read; what validation would say about it or below it is not reported.</summary>
    public void AddUnreadable(TextPosition position, string reason, string message)
    {
        var path = PathText();
        (_unreadable ??= []).Add(path);
        Append(path, reason, message, position);
    }

    /// <summary>What validation would say about the field of that name beside the current one is not reported.</summary>
    public void IgnoreSibling(string name)
    {
        var current = _path[^1];
        _path[^1] = new Step(name, -1, false);
        (_unreadable ??= []).Add(PathText());
        _path[^1] = current;
    }

    public void AddAt(TextPosition position, string reason, string message) => Append(PathText(), reason, message, position);

    /// <summary>The value here breaks a rule.</summary>
    public void Add(string reason, string message)
    {
        if (_unreadable is not null && IsBelowUnreadable()) return;
        // To look for the place costs as much as what stands before it, so only errors that are shown may do so.
        if (_errors.Count == Maximum) _suppressed++;
        else Append(PathText(), reason, message, Locate());
    }

    /// <summary>The field of that name here, which may be absent, breaks a rule.</summary>
    public void Add(string field, string reason, string message)
    {
        EnterField(field);
        Add(reason, message);
        Leave();
    }

    private void Append(string path, string reason, string message, TextPosition position)
    {
        if (_errors.Count == Maximum) _suppressed++;
        else _errors.Add(new FieldError(path, message, reason, _source, position.Line, position.Column));
    }

    private bool IsBelowUnreadable()
    {
        for (var length = _path.Count; length > 0; length--)
        {
            if (_unreadable!.Contains(PathText(length))) return true;
        }
        return false;
    }

    private TextPosition Locate()
    {
        if (Document is not { } node) return default;
        foreach (var step in _path)
        {
            var next = step.Index < 0 ? node.Find(step.Name)?.Value : step.Index < node.Items.Count ? node.Items[step.Index] : null;
            if (next is null) break;
            node = next;
        }
        return node.Position;
    }

    private string PathText() => PathText(_path.Count);

    private string PathText(int length)
    {
        var text = new StringBuilder();
        foreach (var step in _path.Take(length))
        {
            if (step.Index >= 0) text.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
            else if (step.IsKey) text.Append('[').Append(Quoted.Bare(step.Name)).Append(']');
            else if (text.Length == 0) text.Append(Quoted.Bare(step.Name));
            else text.Append('.').Append(Quoted.Bare(step.Name));
        }
        return text.ToString();
    }
}
