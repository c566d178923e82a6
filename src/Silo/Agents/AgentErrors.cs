using Orchestrator.Agents.V1;
using Orchestrator.Silo.Objects;

namespace Orchestrator.Silo.Agents;

/// <summary>What an agent says went wrong with a stream, as clients hear it.</summary>
internal static class AgentErrors
{
    /// <summary>Null for a frame that tells of no error.</summary>
    public static ApiError? Of(AgentFrame frame)
    {
        if (frame.FrameCase != AgentFrame.FrameOneofCase.Error) return null;
        var reason = frame.Error.Reason switch
        {
            "NotFound" => ErrorReason.NotFound,
            "BadRequest" => ErrorReason.BadRequest,
            _ => ErrorReason.ServiceUnavailable,
        };
        return new ApiError(reason, frame.Error.Message);
    }
}
