using Orchestrator.Hypervisor.Disks.Store;

namespace Orchestrator.Hypervisor.Domains.Storage;

/// <summary>The host's one disk store, and whose turn it is: a store takes one user at a time, and domains come as they like.</summary>
internal sealed class SharedStore(DiskStore store) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    public async Task<T> AskAsync<T>(Func<DiskStore, T> question)
    {
        await _one.WaitAsync();
        try
        {
            return question(store);
        }
        finally
        {
            _one.Release();
        }
    }

    public Task ChangeAsync(Action<DiskStore> change) => AskAsync(store =>
    {
        change(store);
        return true;
    });

    public void Dispose() => _one.Dispose();
}
