namespace Orchestrator.NodeAgent.Probes;

/// <summary>What a row of outcomes means: nothing, until as many in a row as the threshold say the same.</summary>
internal sealed class ProbeCount(int successThreshold, int failureThreshold)
{
    private bool _last;
    private int _inARow;

    /// <summary>Null until the first threshold is reached.</summary>
    public bool? Healthy { get; private set; }

    /// <summary>The first of a row of failures.</summary>
    public bool BeganToFail => !_last && _inARow == 1;

    public void Add(bool success)
    {
        _inARow = success == _last ? _inARow + 1 : 1;
        _last = success;
        if (_inARow >= (success ? successThreshold : failureThreshold)) Healthy = success;
    }
}
