namespace Orchestrator.Client;

/// <summary>Where a server listens: <c>http://host:port</c> (h2c), <c>https://host:port</c> or <c>unix:///path</c>.</summary>
/// <param name="Uri">What gRPC connects to.</param>
/// <param name="SocketPath">Of a unix socket; otherwise null.</param>
public sealed record ClusterAddress(Uri Uri, string? SocketPath)
{
    /// <summary>Where a silo listens on its own machine.</summary>
    public const string Default = "http://127.0.0.1:7650";

    /// <summary>Reads it as a user writes it; a host alone is <c>http://</c>.</summary>
    /// <exception cref="ConfigException">The text is no such address.</exception>
    public static ClusterAddress Parse(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            var path = text["unix:".Length..];
            if (path.StartsWith("//", StringComparison.Ordinal)) path = path[2..];
            if (path.Length == 0) throw Invalid(text);
            return new ClusterAddress(new Uri("http://localhost"), Path.GetFullPath(path));
        }
        var withScheme = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        if (!Uri.TryCreate(withScheme, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 || uri.PathAndQuery != "/")
            throw Invalid(text);
        return new ClusterAddress(uri, null);
    }

    /// <summary>As <see cref="Parse"/> takes it.</summary>
    public override string ToString() => SocketPath is null ? Uri.GetLeftPart(UriPartial.Authority) : $"unix://{SocketPath}";

    private static ConfigException Invalid(string text) =>
        new($"\"{text}\" is no server address; use http://HOST:PORT, https://HOST:PORT or unix:///PATH");
}
