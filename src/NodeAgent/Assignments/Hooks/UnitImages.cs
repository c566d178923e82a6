using System.Globalization;
using Orchestrator.NodeAgent.Drivers;
using Orchestrator.NodeAgent.Images;

namespace Orchestrator.NodeAgent.Assignments.Hooks;

/// <summary>An image, or when to ask again.</summary>
internal readonly record struct ProvidedImage(ImageId? Image, DateTimeOffset? LookAgainAt);

/// <summary>
/// Sees that a unit's image is here, by its pull policy. A failed pull is repeated after 10 s, then double, at most
/// 5 min. Meanwhile it looks whether the image has appeared here by another way, unless the policy is Always.
/// </summary>
internal sealed class UnitImages(ImageStore store, TimeProvider time)
{
    private static readonly TimeSpan LocalLookAfter = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, (int Failures, DateTimeOffset NotBefore, string Message)> _failed = [];

    public async Task<ProvidedImage> ProvideAsync(WorkloadContext context, DesiredUnit unit, CancellationToken cancellation)
    {
        if (unit.Pull != PullPolicy.Always && await store.FindAsync(unit.Image, cancellation) is { } present)
        {
            _failed.Remove(unit.Image);
            context.Normal("Pulled", $"Container image \"{unit.Image}\" already present on machine", unit.Name);
            return new ProvidedImage(present, null);
        }

        if (unit.Pull == PullPolicy.Never)
            return Missing(context, unit, "ErrImageNeverPull", $"Container image \"{unit.Image}\" is not present with pull policy of Never");
        if (_failed.TryGetValue(unit.Image, out var failure) && context.Now < failure.NotBefore)
        {
            if (context.Notes.GetValueOrDefault(unit.Name).Reason != "ImagePullBackOff")
                context.Normal("BackOff", $"Back-off pulling image \"{unit.Image}\"", unit.Name);
            context.Notes[unit.Name] = new UnitNote("ImagePullBackOff", $"Back-off pulling image \"{unit.Image}\": {failure.Message}");
            return new ProvidedImage(null, Earlier(failure.NotBefore, context.Now + LocalLookAfter));
        }

        return await PullAsync(context, unit, cancellation);
    }

    private async Task<ProvidedImage> PullAsync(WorkloadContext context, DesiredUnit unit, CancellationToken cancellation)
    {
        context.Publish();
        context.Normal("Pulling", $"Pulling image \"{unit.Image}\"", unit.Name);
        var started = time.GetTimestamp();
        var pulled = await store.PullAsync(unit.Image, cancellation);
        if (pulled.Image is { } image)
        {
            var seconds = time.GetElapsedTime(started).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            _failed.Remove(unit.Image);
            context.Normal("Pulled", $"Successfully pulled image \"{unit.Image}\" in {seconds}s. Image size: {pulled.SizeBytes} bytes.", unit.Name);
            return new ProvidedImage(image, null);
        }

        var failures = _failed.GetValueOrDefault(unit.Image).Failures + 1;
        _failed[unit.Image] = (failures, context.Now + RestartRule.Delay(failures), pulled.Message);
        context.Warn("Failed", $"Failed to pull image \"{unit.Image}\": {pulled.Message}", unit.Name);
        context.Warn("Failed", "Error: ErrImagePull", unit.Name);
        context.Notes[unit.Name] = new UnitNote("ErrImagePull", pulled.Message);
        // Soon the status says that it waits, and whether the image has come by another way.
        return new ProvidedImage(null, context.Now + LocalLookAfter);
    }

    private static ProvidedImage Missing(WorkloadContext context, DesiredUnit unit, string reason, string message)
    {
        if (context.Notes.GetValueOrDefault(unit.Name).Reason != reason)
        {
            context.Warn(reason, message, unit.Name);
            context.Warn("Failed", $"Error: {reason}", unit.Name);
        }

        context.Notes[unit.Name] = new UnitNote(reason, message);
        return new ProvidedImage(null, context.Now + LocalLookAfter);
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
