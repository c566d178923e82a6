using Grpc.Core;
using Orchestrator.NodeAgent.Drivers.Cri;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>What a runtime has refused to do for a workload: each is tried again, and told only when the reason is another one.</summary>
internal sealed class ToldRefusals
{
    private readonly Dictionary<string, string> _told = [];

    /// <summary>True if it was done.</summary>
    /// <param name="subject">What it is done to; refusals of different subjects are told apart.</param>
    /// <param name="change">What is to be done.</param>
    /// <param name="tell">Tells the workload's owner why it was refused.</param>
    public async Task<bool> TryAsync(string subject, Func<Task> change, Action<string> tell)
    {
        try
        {
            await change();
            _told.Remove(subject);
            return true;
        }
        catch (RpcException refused) when (CriErrors.IsRefusal(refused))
        {
            var why = refused.Status.Detail;
            if (_told.GetValueOrDefault(subject) != why) tell(why);
            _told[subject] = why;
            return false;
        }
    }
}
