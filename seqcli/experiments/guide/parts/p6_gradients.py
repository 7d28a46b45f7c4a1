"""Claims 9 and 10: what becomes of gradients over 200 steps."""

import time
from collections.abc import Callable
from typing import ClassVar, Literal

from seqcli import __version__
from seqcli.errors import StoppedError
from seqcli.experiments.gradprobe.config import GradprobeConfig
from seqcli.experiments.guide.config import GuideSettings
from seqcli.experiments.guide.guide_part import (
    Estimating,
    GuideEnvironment,
    GuideEvents,
    GuideOutcome,
    GuideTest,
    PartPage,
)
from seqcli.experiments.step_timings import kept_timing
from seqcli.results.estimates import ProbeEstimate
from seqcli.results.events import Note, drive, relay
from seqcli.results.gradprobe import ProbeProgress

MODELS = (
    "rnn:init=torch",
    "lstm:init=torch",
    "gru:init=torch",
    "rnn:init=tuned",
    "lstm:init=tuned",
    "gru:init=tuned",
    "rnn:init=gaussian,gain=3",
)
HIDDEN = 64  # whole Jacobians over 200 steps take seconds


class Gradients(GuideTest):
    """Every cell under two initialisations that all have, and an RNN that explodes."""

    page: ClassVar[PartPage] = PartPage("gradients over 200 steps", claims=(9, 10))

    def command(self, *, quick: bool, wishes: GuideSettings | None = None) -> str:  # noqa: ARG002
        """The same at the command line."""
        chosen = wishes.seeds if wishes else None
        seeds = f" --seeds {','.join(map(str, chosen))}" if chosen else ""
        return f"seqcli gradprobe {' '.join(MODELS)} --len 200 --hidden {HIDDEN} --demo explode{seeds}"

    def run(self, surroundings: GuideEnvironment) -> GuideEvents:
        """The probe's own claims."""
        from seqcli.experiments.gradprobe.probe_models import probe_models
        from seqcli.experiments.gradprobe.probe_plan import plan

        config = probe_config(MODELS, surroundings.wishes.seeds)
        probed = yield from relay(probe_models(plan(config)), _announcement(surroundings.should_stop))
        return GuideOutcome([claim for claim in probed.guide if claim.number in self.claims], probed)

    def estimate(self, surroundings: GuideEnvironment) -> Estimating:
        """From one model with one seed, timed: the demonstration takes about as long as three of them."""
        seeds = surroundings.wishes.seeds
        timing, _ = kept_timing(["cpu", 1, __version__, "gradients", *MODELS], _one_model)
        count = len(probe_config(MODELS, seeds).seeds)
        seconds = timing.values["seconds"] * count * (len(MODELS) + 3)
        yield ProbeEstimate(len(MODELS), count)
        return seconds


def _one_model() -> dict[str, float]:
    """The seconds that probing one model with one seed takes here."""
    from seqcli.experiments.gradprobe.probe_models import probe_models
    from seqcli.experiments.gradprobe.probe_plan import plan

    began = time.perf_counter()
    drive(probe_models(plan(probe_config(MODELS[:1], (0,), demo=None))))
    return {"seconds": time.perf_counter() - began}


def _announcement(should_stop: Callable[[], bool]) -> Callable[[ProbeProgress], Note | None]:
    """Return a function that tells of each model once, and raises where a stop is asked for."""
    announced: set[str] = set()

    def note(event: ProbeProgress) -> Note | None:
        if should_stop():
            raise StoppedError("stopped between two probes", "The same command continues from here.")
        if event.model in announced:
            return None
        announced.add(event.model)
        return Note(text=f"probing {event.model}")

    return note


def probe_config(
    models: tuple[str, ...], seeds: tuple[int, ...] | None, demo: Literal["explode"] | None = "explode"
) -> GradprobeConfig:
    """Return the configuration of the probe."""
    plain = GradprobeConfig(models=models, len=200, hidden=HIDDEN, demo=demo)
    return plain if seeds is None else plain.model_copy(update={"seeds": seeds})


PART = Gradients()
