namespace Orchestrator.Cli.Connection;

/// <summary>Where a server listens: <c>http://host:port</c> (h2c), <c>https://host:port</c> or <c>unix:///path</c>.</summary>
internal sealed record ServerAddress(Uri Uri, string? SocketPath)
{
    public const string Default = "http://127.0.0.1:7650";

    /// <exception cref="CommandException">The text is no such address.</exception>
    public static ServerAddress Parse(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            var path = text["unix:".Length..];
            if (path.StartsWith("//", StringComparison.Ordinal)) path = path[2..];
            if (path.Length == 0) throw Invalid(text);
            return new ServerAddress(new Uri("http://localhost"), Path.GetFullPath(path));
        }
        var withScheme = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        if (!Uri.TryCreate(withScheme, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 || uri.PathAndQuery != "/")
            throw Invalid(text);
        return new ServerAddress(uri, null);
    }

    public override string ToString() => SocketPath is null ? Uri.GetLeftPart(UriPartial.Authority) : $"unix://{SocketPath}";

    private static CommandException Invalid(string text) =>
        new($"\"{text}\" is no server address; use http://HOST:PORT, https://HOST:PORT or unix:///PATH");
}
