using Microsoft.Extensions.Options;
using Orchestrator.Hypervisor.Hosting;

namespace Orchestrator.Hypervisor.Domains;

/// <summary>The user ids of engines: one each, never shared by two domains. The journals remember who has which.</summary>
internal sealed class UidPool
{
    private readonly Lock _gate = new();
    private readonly HashSet<long> _taken = [];
    private readonly int _first;
    private readonly int _count;
    private int _next;

    public UidPool(IOptions<Dom0Options> options)
    {
        _first = options.Value.UidBase;
        _count = options.Value.UidCount;
    }

    /// <summary>For a domain read from its journal.</summary>
    public void Reserve(long userId)
    {
        lock (_gate)
        {
            _taken.Add(userId);
        }
    }

    /// <summary>A free user id, or null if all are taken. A freed one is used again as late as possible.</summary>
    public long? Take()
    {
        lock (_gate)
        {
            for (var tried = 0; tried < _count; tried++)
            {
                var candidate = _first + _next;
                _next = (_next + 1) % _count;
                if (_taken.Add(candidate))
                {
                    return candidate;
                }
            }

            return null;
        }
    }

    public void Free(long userId)
    {
        lock (_gate)
        {
            _taken.Remove(userId);
        }
    }
}
