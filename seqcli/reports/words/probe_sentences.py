"""The meaning of a model's figures, in one sentence of plain words."""

import math
from collections.abc import Sequence

from seqcli.probes.horizon import SHORTEST
from seqcli.results.gradprobe import Fate, Gradprobe, LagCurve, ModelProbe, StepCount, Variant
from seqcli.results.wording import counted, fixed, power_of_ten, shortest

LITTLE = -4.0
"""Decades below which a change is called next to nothing."""


WHAT_IF = "--what-if shows what would help."


def with_sentences(result: Gradprobe) -> Gradprobe:
    """Return the probe with each model's figures in a sentence, and the notes on all of them."""
    models = [model.model_copy(update={"sentence": model_sentence(model, result)}) for model in result.models]
    return result.model_copy(update={"models": models, "notes": probe_notes(result)})


def model_sentence(model: ModelProbe, result: Gradprobe) -> str:
    """Return the meaning of a model's figures, and the cure of gradients that vanish.

    A model whose cures were not probed is told of `--what-if`, which a run's own weights do not allow.
    """
    sentence = (
        short_sentence(model.lags)
        if model.lags[-1] < SHORTEST
        else verdict_sentence(
            model.verdict,
            model.lags,
            model.log10_state_jacobian,
            halves=model.half_life,
            doubles=model.doubling_time,
        )
    )
    if model.verdict != "vanishes":
        return f"{sentence}."
    hint = "" if result.inputs.run is not None or result.what_if else WHAT_IF
    return f"{sentence}. {cure_sentence(model.cures, model.name) or hint}".strip()


def probe_notes(result: Gradprobe) -> list[str]:
    """Return the conditions of the figures: norms that are lower bounds, weights that are a run's."""
    notes = []
    wide = next((model for model in result.models if model.probe_vectors is not None), None)
    if wide is not None:
        notes.append(
            f"{wide.label}: its state is wide: norms are lower bounds by {wide.probe_vectors} probe vectors"
        )
    if result.inputs.run is not None:
        notes.append("the weights are the run's; seeds choose the sequences that are read")
    return notes


def verdict_sentence(
    verdict: Fate,
    lags: Sequence[int],
    jacobian: LagCurve,
    *,
    halves: StepCount | None,
    doubles: StepCount | None,
) -> str:
    """Return the rate at which a change fades or grows, and its effect at a lag that people can picture."""
    if verdict == "explodes":
        return f"explodes: {_doubling(doubles)}{_grown(lags, jacobian)}"
    if verdict == "undecided":
        return f"is not decided by these seeds: {_range(halves, doubles)}; {_left(lags, jacobian)}"
    if verdict == "preserves":
        pace = f"half-life {steps_text(halves.mean)}; " if halves else ""
        return f"preserves: {pace}{_left(lags, jacobian)}"
    pace = f"half-life {steps_text(halves.mean)}; " if halves else ""
    return f"vanishes: {pace}{_faded(lags, jacobian)}"


def short_sentence(lags: Sequence[int]) -> str:
    """Return the sentence for too few steps."""
    return (
        f"is not decided: {counted(lags[-1], 'step')} back is too short to read a rate from; "
        f"look at least {SHORTEST} steps back"
    )


def _range(halves: StepCount | None, doubles: StepCount | None) -> str:
    """The figure that is unsure, with its interval."""
    times = halves or doubles
    if times is None:
        return "no rate in all of them"
    name = "half-life" if halves else "doubling time"
    if times.ci95 is None:
        return f"{name} {steps_text(times.mean)}"
    low, high = times.ci95
    beyond = "without bound" if high is None else steps_text(high)
    return f"{name} {steps_text(times.mean)}, from {steps_text(low)} to {beyond}"


def cure_sentence(cures: Sequence[Variant], model: str) -> str:
    """Return the effect of forget bias 1 and chrono initialisation; empty where there is none."""
    outcomes = [(cure, _instead(cure)) for cure in cures]
    if not outcomes:
        return ""
    first, outcome = outcomes[0]
    subject = f"An {first.model.upper()} with" if first.model != model else "With"
    parts = [f"{subject} {_bare(first)} {'would' if first.model != model else 'it would'} {outcome}"]
    parts += [f"{_bare(cure)} {outcome.removeprefix('have ')}" for cure, outcome in outcomes[1:]]
    return ", ".join(parts) + "."


def steps_text(steps: float) -> str:
    """'1.3 steps', '165 steps'."""
    return f"{fixed(steps, 1 if steps < 10 else 0)} steps"


def _instead(cure: Variant) -> str:
    if cure.verdict == "explodes" and cure.doubling_time is not None:
        return f"explode, doubling every {steps_text(cure.doubling_time.mean)}"
    if cure.half_life is None:
        return "not fade"
    return f"have {steps_text(cure.half_life.mean)}"


def _bare(cure: Variant) -> str:
    """The change in full words, without the model's name and the chrono length."""
    name = cure.name.removeprefix(f"{cure.model}, ").split(" (")[0]
    return "chrono initialisation" if name == "chrono" else name


def _faded(lags: Sequence[int], jacobian: LagCurve) -> str:
    known = list(zip(lags, jacobian.mean, strict=True))
    vanished = next((lag for lag, value in known if value is None), None)
    lag = next((lag for lag, value in known if value is not None and value <= LITTLE), None)
    if lag is None and vanished is not None:
        return f"of what happened {_ago(vanished)}, nothing at all arrives"
    if lag is None:
        return _left(lags, jacobian)
    return f"what happened {_ago(lag)} changes the state by less than one part in {power_of_ten(4)}"


def _left(lags: Sequence[int], jacobian: LagCurve) -> str:
    last = jacobian.mean[-1]
    if last is None:
        return "nothing at all is left"
    share = 10.0**last
    if share >= 2:
        return f"a change {_ago(lags[-1])} arrives {fixed(share, 1)} times as large"
    return f"of a change {_ago(lags[-1])}, {shortest(100 * share, 2)} % is still there"


def _grown(lags: Sequence[int], jacobian: LagCurve) -> str:
    last = jacobian.mean[-1]
    if last is None:
        return "a change grows without bound"
    size = fixed(10.0**last, 0) if last < 4 else f"more than {power_of_ten(math.floor(last))}"
    return f"a change {_ago(lags[-1])} arrives {size} times as large"


def _doubling(doubles: StepCount | None) -> str:
    return f"doubles every {steps_text(doubles.mean)}; " if doubles else ""


def _ago(lag: int) -> str:
    return f"{counted(lag, 'step')} ago"
