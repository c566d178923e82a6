using Orchestrator.Contracts.Ids;
using Orchestrator.Contracts.Kinds;
using Orchestrator.Objects.VirtV1;
using Orchestrator.Silo.Cache;
using Orchestrator.Silo.Store;

namespace Orchestrator.Silo.Tests.Cache;

public sealed class ChangeRingTests
{
    private const int Slots = 4;
    private static readonly Kind Kind = KindCatalog.Of<MachineType>();

    /// <summary>For every length of history and every place in it: each change after the place, or the plain word that it is gone.</summary>
    [Fact]
    public void A_reader_gets_every_change_after_its_place_or_is_told_that_they_are_gone()
    {
        for (var written = 0; written <= 4 * Slots; written++)
        {
            var ring = new ChangeRing(Slots);
            ring.StartAfter(Revision.None);
            for (var i = 1; i <= written; i++) ring.Append([Change(2 * i)]);
            for (var after = 0; after <= (2 * written) + 1; after++)
            {
                var missing = Enumerable.Range(1, written).Select(i => 2L * i).Where(revision => revision > after).ToArray();
                if (ring.Seek(new Revision(after)) is not { } next)
                {
                    Assert.True(missing.Length >= Slots, $"{missing.Length} changes after {after} of {written} are called gone");
                    continue;
                }

                var read = new List<long>();
                for (; next < ring.Written; next++) read.Add(ring.Read(next)!.Revision.Value);
                Assert.Equal(missing, read);
            }
        }
    }

    [Fact]
    public void What_was_there_before_the_ring_is_gone()
    {
        var ring = new ChangeRing(Slots);
        ring.StartAfter(new Revision(10));
        Assert.Null(ring.Seek(new Revision(9)));
        Assert.Equal(0, ring.Seek(new Revision(10)));
    }

    private static ObjectChange Change(long revision) => new(
        new Revision(revision), WriteOperation.Create, new StoredObject(new ObjectKey(Kind.Resource, "", $"t{revision}"), Kind, new Revision(revision), default), null, default);
}
