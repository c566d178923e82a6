using Orchestrator.Contracts.Encoding;

namespace Orchestrator.Contracts.Tests.Encoding;

public sealed class ObjectYamlTests
{
    // What kubectl -o yaml prints for the same JSON, but for the order of the keys.
    [Fact]
    public void It_prints_block_style_and_quotes_only_where_it_must()
    {
        var json = """
            {"kind":"Pod","metadata":{"labels":{},"name":"web","creationTimestamp":"2026-01-02T03:04:05Z"},"list":[],
             "strings":["plain text","true","no","123","1e3","0x1f","1_000","1:30","12:30:45","null","~",""," lead","trail ","a: b","a:b","a #b","#c",
                "-p","- x","-","--flag","10.0.0.1","1.2","1.2.3","128Mi","0-3","2026-01-02","*a","&a","!t","%d","@x","a\tb","\u0007","é","a\"b","\"q\"","<<","{a","a}"],
             "script":"line 1\n  line 2\n","open":"a\nb","many":"a\n\n\n","odd":"a \nb","numbers":[1,1.5,-3],"flag":true,"none":null,
             "nested":[[1,[2]],{"a":{"b":[{"c":1,"d":2}]}}]}
            """u8;

        Assert.Equal(
            """
            kind: Pod
            metadata:
              labels: {}
              name: web
              creationTimestamp: "2026-01-02T03:04:05Z"
            list: []
            strings:
            - plain text
            - "true"
            - "no"
            - "123"
            - "1e3"
            - "0x1f"
            - "1_000"
            - "1:30"
            - "12:30:45"
            - "null"
            - "~"
            - ""
            - " lead"
            - "trail "
            - "a: b"
            - a:b
            - "a #b"
            - "#c"
            - -p
            - "- x"
            - "-"
            - --flag
            - 10.0.0.1
            - "1.2"
            - 1.2.3
            - 128Mi
            - 0-3
            - "2026-01-02"
            - "*a"
            - "&a"
            - "!t"
            - "%d"
            - "@x"
            - "a\tb"
            - "\x07"
            - é
            - a"b
            - "\"q\""
            - "<<"
            - "{a"
            - a}
            script: |
              line 1
                line 2
            open: |-
              a
              b
            many: |+
              a


            odd: "a \nb"
            numbers:
            - 1
            - 1.5
            - -3
            flag: true
            none: null
            nested:
            - - 1
              - - 2
            - a:
                b:
                - c: 1
                  d: 2

            """,
            ObjectYaml.FromJson(json));
    }
}
