using CsCheck;
using Teal.Flags;

namespace Teal.Tests.Fast.Flags.Authoring;

/// <summary>From what people write to what users get: model, compiler, document, evaluation.</summary>
public sealed class CompiledFlagsTests
{
    private static readonly Gen<IReadOnlyDictionary<string, object>> Users = Gen.Select(
            One<object>(null, "u1", "u2", "u3", "a", "somebody else"),
            One<object>(null, "acme", "globex"),
            One<object>(null, "DE", "AT", "FR"),
            One<object>(null, "ann@x.org", "a", "bob@y.org"),
            One<object>(null, 0.0, 2.0, 4.5),
            One<object>(null, "1.2.3", "1.2.0", "1.9.0", "2.0.0", "0.9.0")
        )
        .Select(
            IReadOnlyDictionary<string, object> (key, account, country, email, age, version) =>
                new (string Name, object? Value)[]
                {
                    ("targetingKey", key),
                    ("account", account),
                    ("country", country),
                    ("email", email),
                    ("age", age),
                    ("version", version),
                }
                    .Where(pair => pair.Value is not null)
                    .ToDictionary(pair => pair.Name, pair => pair.Value!)
        );

    [Fact]
    public void Every_user_gets_what_the_model_says()
    {
        Gen.Select(Flagged.Sets, Users.Array[8])
            .Sample(
                (set, users) =>
                {
                    var compiled = FlagCompiler.Compile(set, "production", Flagged.NoReleases);
                    Assert.True(
                        FlagDocument.TryRead(compiled.Full, DocumentLimits.Usual, out var document, out var fault),
                        fault?.ToString()
                    );
                    foreach (var user in users)
                    {
                        var reading = new PlainReading(set, "production", user);
                        foreach (var key in set.Flags.Keys)
                        {
                            var evaluation = document.Evaluate(key, ContextOf(user), Flagged.Now);
                            Assert.Equal(EvaluationError.None, evaluation.Error);
                            Assert.Equal(reading.VariantOf(key), evaluation.Variant);
                        }
                    }
                },
                iter: 1_000
            );
    }

    [Fact]
    public void What_clients_evaluate_by_themselves_agrees_wherever_it_is_not_left_to_the_server()
    {
        Gen.Select(Flagged.Sets, Users)
            .Sample(
                (set, user) =>
                {
                    var compiled = FlagCompiler.Compile(set, "production", Flagged.NoReleases);
                    Assert.True(FlagDocument.TryRead(compiled.Full, DocumentLimits.Usual, out var full, out _));
                    Assert.True(
                        FlagDocument.TryRead(compiled.Client, DocumentLimits.Usual, out var client, out var fault),
                        fault?.ToString()
                    );
                    foreach (var flag in client.Flags.Where(flag => !flag.Metadata.ContainsKey(FlagCompiler.RemoteKey)))
                    {
                        var context = ContextOf(user);
                        Assert.Equal(full.Evaluate(flag.Key, context, Flagged.Now).Variant, flag.Evaluate(context, Flagged.Now).Variant);
                    }
                }
            );
    }

    [Fact]
    public void Who_is_in_stays_in_while_the_share_grows()
    {
        Gen.Select(Gen.Int[0, Share.Whole], Gen.Int[0, Share.Whole], Gen.String.AlphaNumeric)
            .Sample(
                (one, other, user) =>
                {
                    var (small, large) = (Math.Min(one, other), Math.Max(one, other));
                    Assert.True(!HasIt(small, user) || HasIt(large, user));
                }
            );
    }

    private static bool HasIt(int parts, string user)
    {
        var set = Flagged.Set(Flagged.Switch("f", Flagged.Off));
        var change = new FlagChange.SetShare("f", "production", "on", new Share(parts), null, null);
        var compiled = FlagCompiler.Compile(Flagged.Good(set, change), "production", Flagged.NoReleases);
        Assert.True(FlagDocument.TryRead(compiled.Full, DocumentLimits.Usual, out var document, out _));
        return document.Evaluate("f", EvaluationContext.Of(user), Flagged.Now).Variant == "on";
    }

    private static EvaluationContext ContextOf(IReadOnlyDictionary<string, object> user)
    {
        var attributes = user.Where(pair => pair.Key != "targetingKey")
            .Select(pair => new ContextAttribute(
                pair.Key,
                pair.Value is double number ? ContextValue.From(number) : ContextValue.From((string)pair.Value)
            ))
            .ToArray();
        return EvaluationContext.Of(user.GetValueOrDefault("targetingKey") as string, attributes);
    }

    private static Gen<T?> One<T>(params T?[] items)
        where T : class => Gen.Int[0, items.Length - 1].Select(index => items[index]);
}
