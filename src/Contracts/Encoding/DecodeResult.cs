using Google.Protobuf;
using Orchestrator.Contracts.Kinds;

namespace Orchestrator.Contracts.Encoding;

/// <summary>One object of a manifest and the line on which it starts.</summary>
public sealed record DecodedObject(Kind Kind, IMessage Message, string Source, int Line);

/// <summary>
/// The objects of an input, in its order, and everything that is wrong with it. With any error the caller stores
/// nothing. An input of nothing but comments has neither objects nor errors.
/// </summary>
public sealed record DecodeResult(IReadOnlyList<DecodedObject> Objects, IReadOnlyList<FieldError> Errors);
