using System.Numerics;
using Orchestrator.Hypervisor.Rings.Device;

namespace Orchestrator.Hypervisor.Tests.Rings.Device;

/// <summary>
/// What a device ring shall do, said slowly: lists that are searched each time, shares computed anew for each question, and a rate as
/// the sum over every span that ends now.
/// </summary>
internal sealed class RingModel(DeviceRingSize size)
{
    public sealed record Member(int Number, DomainLimits Limits, long Since)
    {
        public List<(long At, uint Bytes)> Admitted { get; } = [];
        public bool IsActive { get; set; }
        public long LastAskedAt { get; set; }
        public long Busy { get; set; }
        public long Throttled { get; set; }
        public long Operations { get; set; }
        public long Bytes { get; set; }
    }

    public sealed record Request(Member Member, ulong Cookie, uint Bytes);

    public List<Member> Members { get; } = [];
    public List<Request> Line { get; } = [];
    public List<Request> AtDevice { get; } = [];
    private readonly List<Member> _busy = [];
    private readonly List<(Member Member, long ReadyAt)> _throttled = [];

    public int SlotsOf(Member member) => Line.Concat(AtDevice).Count(request => request.Member == member);

    public void Detach(Member member)
    {
        Members.Remove(member);
        Line.RemoveAll(request => request.Member == member);
        StopWaiting(member);
    }

    public (AdmissionOutcome Outcome, long ReadyAt) Admit(Member member, uint bytes, ulong cookie, long now)
    {
        Expire(now);
        member.IsActive = true;
        member.LastAskedAt = now;
        if (!MayTake(member))
        {
            member.Busy++;
            if (!_busy.Contains(member))
            {
                StopWaiting(member);
                _busy.Add(member);
            }

            return (AdmissionOutcome.Busy, 0);
        }

        var ready = ReadyAt(member, bytes, now);
        if (ready > now)
        {
            member.Throttled++;
            var place = _throttled.FindIndex(one => one.Member == member);
            if (place >= 0)
            {
                _throttled[place] = (member, ready);
            }
            else
            {
                StopWaiting(member);
                _throttled.Add((member, ready));
            }

            return (AdmissionOutcome.Throttled, ready);
        }

        StopWaiting(member);
        member.Admitted.Add((now, bytes));
        Line.Add(new Request(member, cookie, bytes));
        return (AdmissionOutcome.Admitted, 0);
    }

    public Request? Take()
    {
        if (Line.Count == 0 || AtDevice.Count == size.Depth)
        {
            return null;
        }

        AtDevice.Add(Line[0]);
        Line.RemoveAt(0);
        return AtDevice[^1];
    }

    public void Complete(Request request)
    {
        AtDevice.Remove(request);
        request.Member.Operations++;
        request.Member.Bytes += request.Bytes;
    }

    public Member? Wake(long now)
    {
        Expire(now);
        var woken = _busy.Find(MayTake) ?? _throttled.Find(one => one.ReadyAt <= now).Member;
        if (woken is not null)
        {
            StopWaiting(woken);
        }

        return woken;
    }

    private bool MayTake(Member member)
    {
        var free = size.Slots - Line.Count - AtDevice.Count;
        var unused = Members.Where(one => one.IsActive).Sum(one => Math.Max(0, Share(one) - SlotsOf(one)));
        return free > 0 && (SlotsOf(member) < Share(member) || free > unused);
    }

    private int Share(Member member)
    {
        var active = Members.Where(one => one.IsActive).ToList();
        return 1 + (size.Slots - active.Count) * member.Limits.Weight / active.Sum(one => one.Limits.Weight);
    }

    private void Expire(long now)
    {
        foreach (var member in Members.Where(one => one.IsActive && now - one.LastAskedAt >= size.ActiveTicks))
        {
            member.IsActive = SlotsOf(member) > 0 || IsWaiting(member);
            member.LastAskedAt = now;
        }
    }

    private bool IsWaiting(Member member) => _busy.Contains(member) || _throttled.Exists(one => one.Member == member);

    private void StopWaiting(Member member)
    {
        _busy.Remove(member);
        _throttled.RemoveAll(one => one.Member == member);
    }

    private long ReadyAt(Member member, uint bytes, long now) => Math.Max(
        ReadyAt(member.Admitted.Select(one => (one.At, 1L)), 1, member.Limits.OperationsPerSecond, member.Limits.BurstOperations, now),
        ReadyAt(member.Admitted.Select(one => (one.At, (long)one.Bytes)), bytes, member.Limits.BytesPerSecond, member.Limits.BurstBytes, now));

    /// <summary>The first tick at which no span from an earlier request holds more than burst + rate × its length.</summary>
    private long ReadyAt(IEnumerable<(long At, long Units)> earlier, long units, long rate, long burst, long now)
    {
        if (rate == 0)
        {
            return now;
        }

        var (ready, sum) = ((BigInteger)now, (BigInteger)Math.Min(units, burst));
        foreach (var (at, spent) in earlier.Reverse())
        {
            sum += spent;
            var needed = (sum - burst) * size.TicksPerSecond;
            ready = BigInteger.Max(ready, at + (needed <= 0 ? 0 : (needed + rate - 1) / rate));
        }

        return (long)ready;
    }
}
