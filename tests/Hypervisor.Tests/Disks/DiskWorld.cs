using Orchestrator.Hypervisor.Disks;
using Orchestrator.Hypervisor.Disks.Layers;

namespace Orchestrator.Hypervisor.Tests.Disks;

/// <summary>
/// A disk of layers over simulated files, and what it must read: after a power cut each byte is what it was at the last flush or anything that
/// was written to it since; after a kill it is what was acknowledged, or what was under way; snapshots and the base are what they were, always.
/// </summary>
internal sealed class DiskWorld
{
    /// <summary>The clusters that are used: at the beginning, around a map page's end, and the last.</summary>
    private static readonly uint[] Hot = [0, 1, 2, 5, 1023, 1024, 1025, 2999];

    private const int Cluster = LayerFormat.ClusterBytes;
    private const long DiskBytes = 3000L * Cluster;

    private readonly Random _random;
    private readonly Power _power = new();
    private readonly SimulatedFile _base = new("base.raw");
    private readonly List<SimulatedFile> _files = [];
    private readonly List<(SimulatedFile[] Files, byte[][] Content)> _snapshots = [];
    private readonly byte[] _baseBytes;
    private readonly byte[][] _durable;
    private readonly byte[][] _now;
    private readonly List<byte>[] _since;
    private readonly Dictionary<SimulatedFile, SimulatedFile> _live = [];
    private OverlayDisk _disk;
    private Guid _boot = new(1, 1, 1, new byte[8]);
    private (int Hot, byte Stamp)[] _underWay = [];
    private byte _stamp;

    public DiskWorld(int seed)
    {
        _random = new Random(seed);
        _baseBytes = new byte[6 * Cluster + 1000];
        _random.NextBytes(_baseBytes);
        _base.Write(0, _baseBytes);
        _base.Flush();
        _base.IsReadOnly = true;
        _now = [.. Hot.Select(cluster => OfBase(cluster))];
        _durable = [.. _now.Select(content => (byte[])content.Clone())];
        _since = [.. Hot.Select(_ => new List<byte>())];
        AddTop(RawImage.Open(_base).IdentityAs("base.raw"));
        _disk = Open();
    }

    public int Crashes { get; private set; }

    public void Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            var cut = _random.Next(4) == 0;
            if (cut)
            {
                var file = _random.Next(6) == 0 ? _live[_files[0]] : _files[0];
                file.ChangesLeft = _random.Next(_random.Next(2) == 0 ? 4 : 12);
                file.SectorsOfLast = _random.Next(2) == 0 ? 0 : _random.Next(130);
            }

            try
            {
                Step();
                _underWay = [];
                Check(_disk.Chain, _now);
            }
            catch (PowerCutException)
            {
            }

            if (cut)
            {
                Crash((Loss)_random.Next(4));
            }
        }

        Crash((Loss)_random.Next(4));
    }

    private void Step()
    {
        switch (_random.Next(20))
        {
            case < 9:
                Write();
                break;
            case < 13:
                _disk.Flush();
                Flushed();
                break;
            case < 15:
                Discard();
                break;
            case < 17:
                WriteZeroes();
                break;
            case 17:
                Snapshot();
                break;
            case 18:
                Flatten();
                break;
            default:
                Crash(Loss.Nothing);
                break;
        }
    }

    private void Write()
    {
        var (hot, sector) = (_random.Next(Hot.Length), _random.Next(128));
        var sectors = _random.Next(4) == 0 ? 128 - sector : Math.Min(1 + _random.Next(16), 128 - sector);
        sector = sectors > 100 ? 0 : sector;
        _stamp = (byte)(_stamp % 255 + 1);
        var data = new byte[sectors * SimulatedFile.SectorBytes];
        data.AsSpan().Fill(_stamp);
        Expect(hot, _stamp);
        _disk.Write((long)Hot[hot] * Cluster + sector * SimulatedFile.SectorBytes, data);
        data.CopyTo(_now[hot], sector * SimulatedFile.SectorBytes);
    }

    private void Discard()
    {
        // Of the clusters 0 to 2 some are covered as a whole.
        var (from, to) = (_random.Next(3 * Cluster), _random.Next(3 * Cluster));
        (from, to) = (Math.Min(from, to), Math.Max(from, to));
        for (var hot = 0; hot < 3; hot++)
        {
            if (from <= hot * Cluster && to >= (hot + 1) * Cluster)
            {
                Expect(hot, 0);
            }
        }

        var forgotten = _underWay;
        _disk.Discard(from, to - from);
        foreach (var (hot, _) in forgotten)
        {
            _now[hot].AsSpan().Clear();
        }
    }

    private void WriteZeroes()
    {
        var hot = _random.Next(Hot.Length);
        var (from, length) = _random.Next(2) == 0 ? (0, Cluster) : (_random.Next(64) * 512, (1 + _random.Next(63)) * 512);
        Expect(hot, 0);
        var now = (byte[])_now[hot].Clone();
        _disk.WriteZeroes((long)Hot[hot] * Cluster + from, length);
        now.AsSpan(from, length).Clear();
        now.CopyTo(_now[hot], 0);
    }

    private void Snapshot()
    {
        if (_disk.Chain.Layers.Count == DiskChain.MostLayers)
        {
            return;
        }

        _disk.Freeze();
        Flushed();
        Reopen();
    }

    private void Flatten()
    {
        var below = _disk.Chain.Layers.Count - 1;
        var withBase = _disk.Chain.Base is not null && _random.Next(3) == 0;
        var flattening = new Flattening(_disk, withBase ? below : _random.Next(below + 1), withBase);
        while (!flattening.Step(1 + _random.Next(1000)))
        {
            Check(_disk.Chain, _now);
        }

        flattening.Finish();
        Flushed();
        _files.RemoveRange(1, _files.Count - 1);
        _files.AddRange(_disk.Chain.Layers.Skip(1).Select(layer => (SimulatedFile)layer.File));
    }

    private void Crash(Loss loss)
    {
        Crashes++;
        _power.IsCut = false;
        foreach (var file in _files.Concat(_live.Values))
        {
            file.Crash(loss, _random);
        }

        if (loss is not Loss.Nothing)
        {
            _boot = new Guid(Crashes + 1, 1, 1, new byte[8]);
        }

        Reopen();
        for (var hot = 0; hot < Hot.Length; hot++)
        {
            var found = new byte[Cluster];
            _disk.Read((long)Hot[hot] * Cluster, found);
            var (kept, maybe) = loss is Loss.Nothing
                ? (_now[hot], _underWay.Where(one => one.Hot == hot).Select(one => one.Stamp).ToList())
                : (_durable[hot], _since[hot]);
            CheckAllowed($"cluster {Hot[hot]} after {loss}", found, kept, maybe);
            found.CopyTo(_now[hot], 0);
        }

        _underWay = [];
        if (loss is not Loss.Nothing)
        {
            Flushed();
        }

        Assert.Equal(_baseBytes, _base.ToArray());
        foreach (var (files, content) in _snapshots)
        {
            using var chain = OpenChain(files);
            Check(chain, content);
        }
    }

    private void Expect(int hot, byte stamp)
    {
        _since[hot].Add(stamp);
        _underWay = [.. _underWay, (hot, stamp)];
    }

    private static void CheckAllowed(string what, byte[] found, byte[] kept, List<byte> maybe)
    {
        for (var at = 0; at < Cluster; at++)
        {
            at += found.AsSpan(at).CommonPrefixLength(kept.AsSpan(at));
            if (at < Cluster && !maybe.Contains(found[at]))
            {
                Assert.Fail($"{what}: byte {at} is {found[at]}; it was {kept[at]}, and {string.Join(',', maybe)} may have been written over it");
            }
        }
    }

    /// <summary>What the disk reads now is what a crash may not take away.</summary>
    private void Flushed()
    {
        for (var hot = 0; hot < Hot.Length; hot++)
        {
            _now[hot].CopyTo(_durable[hot], 0);
            _since[hot].Clear();
        }

        _underWay = [];
    }

    private void Reopen()
    {
        var chain = OpenChain([.. _files]);

        // As the store does: nothing is built on, or removed because of, what a power cut may still take away.
        if (chain.Top.Superblock.IsFrozen || chain.Layers.Count < _files.Count)
        {
            _files[0].Flush();
        }

        _files.RemoveAll(file => !chain.Layers.Any(layer => layer.File == file));
        if (chain.Top.Superblock.IsFrozen)
        {
            var content = Hot.Select(cluster => Content(chain, cluster)).ToArray();
            _snapshots.Add(([.. _files], content));
            _files[0].IsReadOnly = true;
            var top = chain.Top;
            AddTop(new ParentIdentity(ParentKind.Layer, top.File.Name, top.Superblock.LayerId, top.Superblock.Generation, top.DiskBytes));
            chain = OpenChain([.. _files]);
        }

        _disk = Serve(chain);
    }

    private OverlayDisk Open() => Serve(OpenChain([.. _files]));

    private OverlayDisk Serve(DiskChain chain) => new(chain, new LiveMap(_live[_files[0]], _boot));

    /// <summary>From the first of the files down, as each names its parent.</summary>
    private DiskChain OpenChain(SimulatedFile[] files)
    {
        var all = files.Select(Layer.Open).ToList();
        var layers = all.Take(1).ToList();
        while (layers[^1].Superblock.Parent is { Kind: ParentKind.Layer } parent)
        {
            layers.Add(all.Single(layer => layer.Superblock.LayerId == parent.Id));
        }

        return new DiskChain(layers, layers[^1].Superblock.Parent.Kind is ParentKind.Raw ? RawImage.Open(_base) : null);
    }

    private void AddTop(ParentIdentity parent)
    {
        var id = new byte[16];
        _random.NextBytes(id);
        var file = new SimulatedFile($"layer-{_files.Count}-{_snapshots.Count}", _power);
        Layer.Create(file, new Guid(id), DiskBytes, parent);
        _files.Insert(0, file);
        _live.Add(file, new SimulatedFile(file.Name + ".live", _power));
    }

    private byte[] OfBase(uint cluster)
    {
        var content = new byte[Cluster];
        var from = Math.Min(_baseBytes.Length, (long)cluster * Cluster);
        _baseBytes.AsSpan((int)from, (int)Math.Min(Cluster, _baseBytes.Length - from)).CopyTo(content);
        return content;
    }

    private static byte[] Content(DiskChain chain, uint cluster)
    {
        var content = new byte[Cluster];
        for (var done = 0; done < Cluster;)
        {
            var segment = chain.Map((long)cluster * Cluster + done, Cluster - done);
            segment.File?.Read(segment.FileOffset, content.AsSpan(done, segment.Length));
            done += segment.Length;
        }

        return content;
    }

    private static void Check(DiskChain chain, byte[][] expected)
    {
        for (var hot = 0; hot < Hot.Length; hot++)
        {
            Assert.True(expected[hot].AsSpan().SequenceEqual(Content(chain, Hot[hot])), $"cluster {Hot[hot]} of {chain.Top.File.Name}");
        }
    }
}
