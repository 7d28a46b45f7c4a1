"""Claims 9 and 10: what becomes of gradients over 200 steps."""

import time
from typing import ClassVar, Literal

from seqcli.experiments.gradprobe.config import GradprobeConfig
from seqcli.experiments.gradprobe.plan import plan
from seqcli.experiments.gradprobe.probe import probe_models
from seqcli.experiments.guide.part import Estimating, Part, Surroundings, Telling, Told, Wishes
from seqcli.results.events import Note
from seqcli.results.wording import counted

MODELS = (
    "rnn:init=torch",
    "lstm:init=torch",
    "gru:init=torch",
    "rnn:init=tuned",
    "lstm:init=tuned",
    "gru:init=tuned",
    "rnn:init=gaussian,gain=3",
)
HIDDEN = 64


class Gradients(Part):
    """Every cell under two initialisations that all have, and an RNN that explodes."""

    title: ClassVar[str] = "gradients over 200 steps"
    claims: ClassVar[tuple[int, ...]] = (9, 10)

    def command(self, *, quick: bool, wishes: Wishes | None = None) -> str:  # noqa: ARG002
        """The same at the command line."""
        chosen = wishes.seeds if wishes else None
        seeds = f" --seeds {','.join(map(str, chosen))}" if chosen else ""
        return f"seqcli gradprobe {' '.join(MODELS)} --len 200 --hidden {HIDDEN} --demo explode{seeds}"

    def run(self, surroundings: Surroundings) -> Telling:
        """The probe's own claims."""
        config = _config(MODELS, surroundings.wishes.seeds)
        told = probe_models(plan(config))
        model = ""
        while True:
            try:
                event = next(told)
            except StopIteration as end:
                return Told([one for one in end.value.guide if one.number in self.claims], end.value)
            if surroundings.should_stop():
                from seqcli.errors import StoppedError

                raise StoppedError("stopped between two probes", "The same command goes on.")
            if event.model != model:
                model = event.model
                yield Note(text=f"probing {model}")

    def estimate(self, surroundings: Surroundings) -> Estimating:
        """From one model with one seed, timed: the demonstration takes about as long as three of them."""
        seeds = surroundings.wishes.seeds
        began = time.perf_counter()
        for _ in probe_models(plan(_config(MODELS[:1], (0,), demo=None))):
            pass
        count = len(_config(MODELS, seeds).seeds)
        seconds = (time.perf_counter() - began) * count * (len(MODELS) + 3)
        yield f"{len(MODELS)} models with {counted(count, 'seed')} probed, and a training that explodes"
        return seconds


def _config(
    models: tuple[str, ...], seeds: tuple[int, ...] | None, demo: Literal["explode"] | None = "explode"
) -> GradprobeConfig:
    """What the command would probe."""
    plain = GradprobeConfig(models=models, len=200, hidden=HIDDEN, demo=demo)
    return plain if seeds is None else plain.model_copy(update={"seeds": seeds})


PART = Gradients()
