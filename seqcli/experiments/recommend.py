"""Which model to use, said only as far as the evidence goes."""

from collections.abc import Sequence

from seqcli.results.compare import Baseline, ModelResult, Pair, Recommendation


def recommend(
    models: Sequence[ModelResult], pairs: Sequence[Pair], baselines: Sequence[Baseline]
) -> Recommendation:
    """A model that is shown to be better than all others, or the cheapest of equivalent ones; else none."""
    if len(models) < 2:
        return Recommendation(model=None, because=_recurrence(models, baselines))
    verdicts = [pair.quality.verdict for pair in pairs]
    winner = _winner(models, pairs)
    if winner is not None:
        because = [f"{winner.label} is better in {winner.quality.metric} than every other model here."]
    elif all(verdict == "equivalent" for verdict in verdicts):
        winner = min(models, key=lambda model: model.parameters.recurrent)
        because = [
            f"The models are equivalent in {winner.quality.metric} .",
            f"{winner.label} has the fewest recurrent parameters.",
        ]
    else:
        because = [f"No clear winner in {models[0].quality.metric}.", *_what_would_decide(pairs)]
    return Recommendation(
        model=winner.label if winner else None,
        because=[*because, *_cheaper(models), *_recurrence(models, baselines)],
    )


def _winner(models: Sequence[ModelResult], pairs: Sequence[Pair]) -> ModelResult | None:
    def beats(model: ModelResult, pair: Pair) -> bool:
        return pair.quality.verdict == ("better" if pair.a == model.label else "worse")

    for model in models:
        its_own = [pair for pair in pairs if model.label in (pair.a, pair.b)]
        if len(its_own) == len(models) - 1 and all(beats(model, pair) for pair in its_own):
            return model
    return None


def _what_would_decide(pairs: Sequence[Pair]) -> list[str]:
    undecided = [pair for pair in pairs if pair.quality.verdict == "undecided"]
    if not undecided:
        return []
    needed = [pair.quality.seeds_needed for pair in undecided]
    if any(count is None for count in needed):
        return ["One seed tells nothing of the spread: run more seeds to decide."]
    most = max(count for count in needed if count is not None)
    return [f"About {most} more seeds would decide it at the observed spread."]


def _cheaper(models: Sequence[ModelResult]) -> list[str]:
    smallest = min(models, key=lambda model: model.parameters.recurrent)
    sentences = [f"{smallest.label} is the smallest"]
    timed = [(model, model.train_speed) for model in models if model.train_speed is not None]
    if len(timed) == len(models):
        fastest = max(timed, key=lambda found: found[1].median)[0]
        sentences.append(f"{fastest.label} trains fastest on this machine")
    return [", ".join(sentences) + "."]


def _recurrence(models: Sequence[ModelResult], baselines: Sequence[Baseline]) -> list[str]:
    """What recurrence buys over a bag of words."""
    bow = next((base.quality.mean for base in baselines if base.name == "bow"), None)
    reached = [(model.quality.mean, model) for model in models if model.quality.mean is not None]
    if bow is None or not reached:
        return []
    best, model = max(reached, key=lambda found: found[0])
    gain = best - bow
    interval = model.quality.ci95
    clear = interval is not None and (interval[0] > bow or interval[1] < bow)
    if not clear:
        return [f"A bag of words does as well ({bow:.1%}): recurrence buys nothing here yet."]
    if gain < 0:
        return [f"A bag of words does better ({bow:.1%} against {best:.1%}): recurrence does not pay here."]
    return [f"Recurrence buys {100 * gain:.1f} points over a bag of words ({bow:.1%})."]
