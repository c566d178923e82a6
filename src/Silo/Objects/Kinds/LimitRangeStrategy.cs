using Google.Protobuf;
using Orchestrator.Objects.CoreV1;
using Orchestrator.Silo.Cache;

namespace Orchestrator.Silo.Objects.Kinds;

/// <summary>What a limit range leaves out follows from what it says: the most is the default limit, and that the default request.</summary>
internal sealed class LimitRangeStrategy : KindStrategy
{
    public override void PrepareForCreate(IMessage obj, ObjectCache cache) => FillIn((LimitRange)obj);

    public override void PrepareForUpdate(IMessage old, IMessage updated) => FillIn((LimitRange)updated);

    private static void FillIn(LimitRange range)
    {
        foreach (var item in range.Spec.Limits.Where(item => item.Type == "Container"))
        {
            foreach (var (name, most) in item.Max) item.Default.TryAdd(name, most);
            foreach (var (name, limit) in item.Default) item.DefaultRequest.TryAdd(name, limit);
            foreach (var (name, least) in item.Min) item.DefaultRequest.TryAdd(name, least);
        }
    }
}
