"""The verdicts of a probe on claims 9 and 10 of the guide: vanishing and gates, exploding and clipping."""

from collections.abc import Mapping, Sequence

from seqcli.experiments.catalogue import claim
from seqcli.experiments.gradprobe.probe_sentences import steps_text
from seqcli.models.cell import CELLS
from seqcli.results.common import ClaimVerdict
from seqcli.results.compare import Claim
from seqcli.results.gradprobe import Demo, ModelProbe

StartSettings = tuple[object, ...]
"""What two cells must share to have begun alike: the initialisation's name and its gain."""


def check_claims(models: Sequence[ModelProbe], demo: Demo | None = None) -> list[Claim]:
    """The claims that this run can speak to."""
    return [found for found in (_gates(models), _cure(demo) or _clipping(models)) if found is not None]


def _gates(models: Sequence[ModelProbe]) -> Claim | None:
    """Claim 9: gated and ungated cells compared under each initialisation that both have.

    A gated cell under one initialisation beside an RNN under another tells of initialisations, not of gates.
    """
    cells = [model for model in models if model.name in CELLS]
    if len({_is_gated(model) for model in cells}) < 2:
        return None
    starts: dict[StartSettings, list[ModelProbe]] = {}
    for model in cells:
        starts.setdefault(_start(model.settings), []).append(model)
    alike = {start: beside for start, beside in starts.items() if len({*map(_is_gated, beside)}) == 2}
    if not alike:
        return claim(
            9, "undecided", "not tested: an RNN and a gated cell under one initialisation are needed"
        )
    verdicts = {_under(beside) for beside in alike.values()}
    decided = verdicts - {"undecided"}
    verdict: ClaimVerdict = decided.pop() if len(decided) == 1 else "depends" if decided else "undecided"
    told = [f"under {_name(start)}: {', '.join(map(_pace, beside))}" for start, beside in alike.items()]
    left = [model.label for start, beside in starts.items() if start not in alike for model in beside]
    aside = [f"not compared, without a counterpart of the same initialisation: {', '.join(left)}"]
    return claim(9, verdict, "; ".join([*told, *(aside if left else [])]))


def _under(models: Sequence[ModelProbe]) -> ClaimVerdict:
    """Return the verdict over the cells of one initialisation: do gradients vanish, in gated cells too?"""
    plain = {model.verdict for model in models if not _is_gated(model)}
    gated = {model.verdict for model in models if _is_gated(model)}
    if plain != {"vanishes"} or "undecided" in gated:
        return "undecided"
    if gated == {"vanishes"}:
        return "refuted"
    return "depends" if "vanishes" in gated else "supported"


def _cure(demo: Demo | None) -> Claim | None:
    """Claim 10 from trainings: each seed votes that explodes without clipping."""
    if demo is None:
        return None
    ill = [seed for seed in demo.seeds if seed.without.diverged_at is not None]
    cured = [seed for seed in ill if seed.clipped.diverged_at is None]
    verdict: ClaimVerdict = "depends"
    if len(cured) in (0, len(ill)):
        verdict = "undecided" if not ill else "supported" if cured else "refuted"
    told = f"{len(ill)} of {len(demo.seeds)} trainings by gradient descent broke off without clipping"
    return claim(10, verdict, f"{told}; clipped at {demo.clip:g}, {len(cured)} of these ran to the end")


def _clipping(models: Sequence[ModelProbe]) -> Claim | None:
    """Claim 10: a probe trains nothing, so it can tell how much would be clipped but not whether it cures."""
    clipped = [model for model in models if model.clip is not None]
    if not clipped:
        return None
    told = [
        f"{_pace(model)} with {100 * model.clip.fraction_clipped:.0f} % of steps clipped, as without"
        for model in clipped
        if model.clip is not None
    ]
    why = "a cure is tested by training a model that explodes without clipping and does not with"
    return claim(10, "undecided", f"not tested: {why}; {'; '.join(told)}")


def _is_gated(model: ModelProbe) -> bool:
    return CELLS.get(model.name).keeps is not None


def _start(settings: Mapping[str, object]) -> StartSettings:
    """Return the initialisation; a forget bias of its own is one that no cell without gates can have."""
    return (settings.get("init"), settings.get("gain", 1.0), settings.get("forget_bias"))


def _name(start: StartSettings) -> str:
    init, gain, _ = start
    return f"{init} initialisation" + (f" of gain {gain}" if gain != 1.0 else "")


def _pace(model: ModelProbe) -> str:
    if model.verdict != "explodes" and model.half_life is not None:
        return f"{model.label} half-life {steps_text(model.half_life.mean)} ({model.verdict})"
    if model.doubling_time is not None:
        return f"{model.label} doubles every {steps_text(model.doubling_time.mean)} ({model.verdict})"
    return f"{model.label} {model.verdict}"
