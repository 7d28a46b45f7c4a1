"""Which of the guide's choice rules is for such data, and whether the measurements bear it out.

The guide: LSTM for long contexts, much data, complex patterns; GRU for limited resources, little data, real
time, short texts. It gives no figures; the two limits below are ours, and are said wherever they decide.
"""

from collections.abc import Sequence

from seqcli.results.compare import MIRRORED, ModelResult, Pair, TaskFacts

LEAST = 2.0
"""Below so many steps on average a sequence has no order to go by: mostly a file that was read wrongly."""

SHORT = 100
"""Up to so many steps on average a sequence counts as short."""

LITTLE = 25_000
"""Up to so many training examples count as little data."""


def rule_sentence(task: TaskFacts, models: Sequence[ModelResult], pairs: Sequence[Pair]) -> list[str]:
    """The guide's rule for data of this length and size, and whether it holds; [] without LSTM and GRU."""
    both = [model for model in models if model.name in ("lstm", "gru")]
    if sorted(model.name for model in both) != ["gru", "lstm"] or task.length_mean is None:
        return []
    if task.length_mean < LEAST:
        return []
    pair = next((pair for pair in pairs if {pair.a, pair.b} == {model.label for model in both}), None)
    if pair is None:
        return []
    told, rule = _rule(task, task.length_mean)
    by_name = {model.name: model for model in both}
    told += _borne_out(rule, by_name[rule].label, pair) if rule else ""
    return ["; ".join((told, *_real_time(by_name["gru"], by_name["lstm"], pair))) + "."]


def _rule(task: TaskFacts, length: float) -> tuple[str, str | None]:
    """The rule in words, and the model it names: None where length and size of the data speak for two."""
    short, little = length <= SHORT, task.train <= LITTLE
    steps = f"{'short' if short else 'long'} sequences ({length:,.0f} steps, the limit taken is {SHORT})"
    data = f"{'little' if little else 'much'} data ({task.train:,} examples, limit {LITTLE:,})"
    if short == little:
        rule = "gru" if short else "lstm"
        return f"For {steps} and {data} the guide's rule is {rule.upper()}", rule
    by_length, by_size = ("GRU", "LSTM") if short else ("LSTM", "GRU")
    return f"The guide's rules differ: {steps} speak for {by_length}, {data} for {by_size}", None


def _borne_out(rule: str, label: str, pair: Pair) -> str:
    """Whether the quality measured supports the rule."""
    verdict = pair.quality.verdict
    verdict = verdict if pair.a == label else MIRRORED[verdict]
    return {
        "better": ", which these measurements support",
        "worse": f", which these measurements refute ({rule.upper()} is worse here)",
        "equivalent": ", which makes no difference in quality here",
        "undecided": ", which these measurements leave open",
    }[verdict]


def _real_time(gru: ModelResult, lstm: ModelResult, pair: Pair) -> list[str]:
    """The rule for real time, where one prediction was timed."""
    if gru.latency is None or lstm.latency is None or pair.latency is None:
        return []
    holds = {
        "equivalent": "makes no difference here",
        "undecided": "these measurements leave open",
    }.get(pair.latency.verdict, "holds here" if gru.latency.p50 < lstm.latency.p50 else "does not hold here")
    times = f"GRU answers one sequence in {gru.latency.p50:.2f} ms, LSTM in {lstm.latency.p50:.2f} ms"
    return [f"for real time it is GRU, which {holds} ({times})"]
