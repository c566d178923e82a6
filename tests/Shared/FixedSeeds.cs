using CsCheck;

namespace Orchestrator.Testing;

/// <summary>
/// Properties tried on the same cases in every run, so that a change is judged by what it changes. With <c>ORCHESTRATOR_SEEDS=random</c>
/// (<c>./dev soak properties</c>) or with the <c>CsCheck_Seed</c> that a failure printed, CsCheck chooses the cases itself.
/// </summary>
internal static class FixedSeeds
{
    /// <summary>A search for new cases has more time than a test of a change.</summary>
    private const int RandomTimes = 5;

    private static readonly bool Random =
        Environment.GetEnvironmentVariable("ORCHESTRATOR_SEEDS") == "random" || Environment.GetEnvironmentVariable("CsCheck_Seed") is not null;

    /// <param name="threads">1 where a random case may not run beside another; otherwise one for each processor.</param>
    public static void Holds<T>(this Gen<T> gen, Func<T, bool> property, int iter = 100, int threads = -1)
    {
        if (Random)
        {
            gen.Sample(property, iter: RandomTimes * iter, threads: threads);
            return;
        }

        // One after the other on the test's own thread: properties that block would starve the pool, and with it the clients of other tests.
        for (var number = 0; number < iter; number++) gen.Sample(property, seed: Seed(number), iter: 1, threads: 1);
    }

    public static void Holds<T1, T2>(this Gen<(T1, T2)> gen, Func<T1, T2, bool> property, int iter = 100, int threads = -1)
        => gen.Holds(values => property(values.Item1, values.Item2), iter, threads);

    public static void Holds<T1, T2, T3>(this Gen<(T1, T2, T3)> gen, Func<T1, T2, T3, bool> property, int iter = 100, int threads = -1)
        => gen.Holds(values => property(values.Item1, values.Item2, values.Item3), iter, threads);

    public static void Holds<T1, T2, T3, T4>(this Gen<(T1, T2, T3, T4)> gen, Func<T1, T2, T3, T4, bool> property, int iter = 100, int threads = -1)
        => gen.Holds(values => property(values.Item1, values.Item2, values.Item3, values.Item4), iter, threads);

    public static void Holds<T>(this Gen<T> gen, Action<T> property, int iter = 100, int threads = -1) => gen.Holds(
        value =>
        {
            property(value);
            return true;
        },
        iter,
        threads);

    public static void Holds<T1, T2>(this Gen<(T1, T2)> gen, Action<T1, T2> property, int iter = 100, int threads = -1)
        => gen.Holds(values => property(values.Item1, values.Item2), iter, threads);

    public static void Holds<T1, T2, T3>(this Gen<(T1, T2, T3)> gen, Action<T1, T2, T3> property, int iter = 100, int threads = -1)
        => gen.Holds(values => property(values.Item1, values.Item2, values.Item3), iter, threads);

    public static void Holds<T1, T2, T3, T4>(this Gen<(T1, T2, T3, T4)> gen, Action<T1, T2, T3, T4> property, int iter = 100, int threads = -1)
        => gen.Holds(values => property(values.Item1, values.Item2, values.Item3, values.Item4), iter, threads);

    public static void Holds<T1, T2, T3, T4, T5>(this Gen<(T1, T2, T3, T4, T5)> gen, Action<T1, T2, T3, T4, T5> property, int iter = 100, int threads = -1)
        => gen.Holds(values => property(values.Item1, values.Item2, values.Item3, values.Item4, values.Item5), iter, threads);

    public static async Task HoldsAsync<T>(this Gen<T> gen, Func<T, Task> property, int iter, int threads = -1)
    {
        if (Random)
        {
            await gen.SampleAsync(property, iter: RandomTimes * iter, threads: threads);
            return;
        }

        for (var number = 0; number < iter; number++) await gen.SampleAsync(property, seed: Seed(number), iter: 1, threads: 1);
    }

    public static Task HoldsAsync<T1, T2>(this Gen<(T1, T2)> gen, Func<T1, T2, Task> property, int iter, int threads = -1)
        => gen.HoldsAsync(values => property(values.Item1, values.Item2), iter, threads);

    /// <summary>Neighbouring numbers give cases that have nothing in common (Steele, Lea and Flood's SplitMix64).</summary>
    private static string Seed(int number)
    {
        var mixed = (ulong)(number + 1) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return new PCG((uint)number + 1, mixed ^ (mixed >> 31)).ToString();
    }
}
