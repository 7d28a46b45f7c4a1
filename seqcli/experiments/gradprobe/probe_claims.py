"""The verdicts of a probe on claims 9 and 10 of the guide: vanishing and gates, exploding and clipping."""

from collections.abc import Mapping, Sequence

from seqcli.experiments.catalogue import claim
from seqcli.models.cell import CELLS
from seqcli.results.claims import Claim, ClippedFact, CureFact, GatesFact, Pace, SharedStart, UnmeasuredFact
from seqcli.results.common import ClaimVerdict
from seqcli.results.gradprobe import Demo, ModelProbe

StartSettings = tuple[object, ...]
"""What two cells must share to have begun alike: the initialisation's name and its gain."""


def check_claims(models: Sequence[ModelProbe], demo: Demo | None = None) -> list[Claim]:
    """The claims that this run can speak to."""
    return [claimed for claimed in (_gates(models), _cure(demo) or _clipping(models)) if claimed is not None]


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
    alike = {start: group for start, group in starts.items() if len({*map(_is_gated, group)}) == 2}
    if not alike:
        return claim(9, "undecided", UnmeasuredFact(why="one initialisation"))
    verdicts = {_under(group) for group in alike.values()}
    decided = verdicts - {"undecided"}
    verdict: ClaimVerdict = decided.pop() if len(decided) == 1 else "depends" if decided else "undecided"
    unlike = [model.label for start, group in starts.items() if start not in alike for model in group]
    fact = GatesFact(starts=[_shared(start, group) for start, group in alike.items()], left=unlike)
    return claim(9, verdict, fact)


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
    fact = CureFact(trainings=len(demo.seeds), broken=len(ill), cured=len(cured), clip=demo.clip)
    return claim(10, verdict, fact)


def _clipping(models: Sequence[ModelProbe]) -> Claim | None:
    """Claim 10: a probe trains nothing, so it can tell how much would be clipped but not whether it cures."""
    clipped = {model.label: model.clip.fraction_clipped for model in models if model.clip is not None}
    if not clipped:
        return None
    paces = [_pace(model) for model in models if model.label in clipped]
    return claim(10, "undecided", ClippedFact(models=paces, shares=list(clipped.values())))


def _is_gated(model: ModelProbe) -> bool:
    return CELLS.get(model.name).keeps is not None


def _start(settings: Mapping[str, object]) -> StartSettings:
    """Return the initialisation; a forget bias of its own is one that no cell without gates can have."""
    return (settings.get("init"), settings.get("gain", 1.0), settings.get("forget_bias"))


def _shared(start: StartSettings, models: Sequence[ModelProbe]) -> SharedStart:
    init, gain, _ = start
    return SharedStart(init=str(init), gain=float(str(gain)), models=list(map(_pace, models)))


def _pace(model: ModelProbe) -> Pace:
    """A half-life of what does not explode, a doubling time of what has one otherwise."""
    fades = model.half_life if model.verdict != "explodes" else None
    grows = model.doubling_time if fades is None else None
    return Pace(
        label=model.label,
        verdict=model.verdict,
        half_life=fades.mean if fades else None,
        doubling_time=grows.mean if grows else None,
    )
