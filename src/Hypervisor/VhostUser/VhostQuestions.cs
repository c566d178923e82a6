using System.Buffers.Binary;
using Orchestrator.Hypervisor.Devices;

namespace Orchestrator.Hypervisor.VhostUser;

/// <summary>Messages that change nothing.</summary>
internal static class VhostQuestions
{
    private const int ConfigurationHeaderBytes = 12;

    /// <summary>False for every other message.</summary>
    public static bool TryAnswer(VhostMessage message, VirtioDevice device, ulong offeredFeatures, VhostSocket socket)
    {
        switch (message.Request)
        {
            case VhostRequest.GetFeatures:
                socket.Reply(message.Request, offeredFeatures);
                return true;
            case VhostRequest.GetProtocolFeatures:
                socket.Reply(message.Request, VhostProtocolFeatures.Offered);
                return true;
            case VhostRequest.GetQueueCount:
                socket.Reply(message.Request, (ulong)device.Queues.Count);
                return true;
            case VhostRequest.GetMostMemorySlots:
                socket.Reply(message.Request, VhostFormat.MostMemorySlots);
                return true;
            case VhostRequest.GetConfiguration:
                AnswerConfiguration(message, device, socket);
                return true;
            case VhostRequest.GetInflight:
                AnswerInflight(message, device, socket);
                return true;
            default:
                return false;
        }
    }

    private static void AnswerConfiguration(VhostMessage message, VirtioDevice device, VhostSocket socket)
    {
        var payload = message.Payload.Span;
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]);
        if (offset > VhostFormat.MostConfigurationBytes || size > VhostFormat.MostConfigurationBytes - offset)
        {
            throw new VhostProtocolException($"{size} bytes of the configuration from {offset} on");
        }

        // A newer front-end's structure may be longer than ours: the rest is zeros, as features say that it isn't there.
        Span<byte> reply = stackalloc byte[ConfigurationHeaderBytes + (int)size];
        reply.Clear();
        payload[..ConfigurationHeaderBytes].CopyTo(reply);
        var known = device.Configuration;
        if (offset < known.Length)
        {
            known[(int)offset..Math.Min(known.Length, (int)(offset + size))].CopyTo(reply[ConfigurationHeaderBytes..]);
        }

        socket.Reply(message.Request, reply);
    }

    /// <summary>The region is the front-end's from here on; it gives it back with SET_INFLIGHT_FD, also to the next of us.</summary>
    private static void AnswerInflight(VhostMessage message, VirtioDevice device, VhostSocket socket)
    {
        var asked = VhostConversation.ReadInflight(message, file: null!);
        if (asked.QueueCount == 0 || asked.QueueCount > device.Queues.Count || asked.QueueSize is 0 or > Rings.Queues.Virtqueue.LargestSize)
        {
            throw new VhostProtocolException($"an inflight region for {asked.QueueCount} queues of {asked.QueueSize}");
        }

        var made = VhostInflightMemory.Create(asked.QueueCount, asked.QueueSize, isOurs: false);
        using (made.File)
        {
            Span<byte> reply = stackalloc byte[message.Payload.Length];
            message.Payload.Span.CopyTo(reply);
            BinaryPrimitives.WriteUInt64LittleEndian(reply, made.Bytes);
            BinaryPrimitives.WriteUInt64LittleEndian(reply[8..], 0);
            socket.Reply(message.Request, reply, [made.File]);
        }
    }
}
