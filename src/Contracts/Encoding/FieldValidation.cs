namespace Orchestrator.Contracts.Encoding;

/// <summary>What is done with fields that the definition doesn't know, and with those given twice.</summary>
public enum FieldValidation
{
    /// <summary>They are errors.</summary>
    Strict,

    /// <summary>They are left out, and the caller is told.</summary>
    Warn,

    /// <summary>They are left out.</summary>
    Ignore,
}
