"""What a probe says about claims 9 and 10 of the guide: gates cure vanishing, clipping cures exploding."""

from collections.abc import Sequence

from seqcli.experiments.claims.catalogue import claim
from seqcli.experiments.gradprobe.sentences import steps_text
from seqcli.models.cell import CELLS
from seqcli.results.compare import Claim, ClaimVerdict
from seqcli.results.gradprobe import ModelProbe


def check_claims(models: Sequence[ModelProbe]) -> list[Claim]:
    """The claims that this run can speak to."""
    return [found for found in (_gates(models), _clipping(models)) if found is not None]


def _gates(models: Sequence[ModelProbe]) -> Claim | None:
    """Claim 9, where a gated and an ungated cell were probed side by side."""
    plain = [model for model in models if CELLS.get(model.name).keeps is None]
    gated = [model for model in models if CELLS.get(model.name).keeps is not None]
    if not (plain and gated):
        return None
    vanished = {model.label for model in gated if model.verdict == "vanishes"}
    if not any(model.verdict == "vanishes" for model in plain):
        verdict: ClaimVerdict = "undecided"
    elif len(vanished) == len(gated):
        verdict = "refuted"
    else:
        verdict = "depends" if vanished else "supported"
    return claim(9, verdict, ", ".join(_pace(model) for model in (*plain, *gated)))


def _clipping(models: Sequence[ModelProbe]) -> Claim | None:
    """Claim 10, where clipping was looked at."""
    clipped = [model for model in models if model.clip is not None]
    if not clipped:
        return None
    told = [
        f"{_pace(model)} with {100 * model.clip.fraction_clipped:.0f} % of steps clipped, as without"
        for model in clipped
        if model.clip is not None
    ]
    exploding = any(model.verdict == "explodes" for model in clipped)
    shown = exploding or any(model.verdict == "vanishes" for model in clipped)
    return claim(10, "supported" if shown else "undecided", "; ".join(told))


def _pace(model: ModelProbe) -> str:
    if model.half_life is not None:
        return f"{model.label} half-life {steps_text(model.half_life.mean)}"
    if model.doubling_time is not None:
        return f"{model.label} doubles every {steps_text(model.doubling_time.mean)}"
    return f"{model.label} {model.verdict}"
