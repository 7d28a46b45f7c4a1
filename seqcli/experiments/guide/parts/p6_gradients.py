"""Claims 9 and 10: what becomes of gradients over 200 steps."""

from typing import ClassVar

from seqcli.experiments.gradprobe.config import GradprobeConfig
from seqcli.experiments.gradprobe.plan import plan
from seqcli.experiments.gradprobe.probe import probe_models
from seqcli.experiments.guide.part import Part, Surroundings, Telling
from seqcli.results.events import Note

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

    def command(self, *, quick: bool) -> str:  # noqa: ARG002
        """The same at the command line."""
        return f"seqcli gradprobe {' '.join(MODELS)} --len 200 --hidden {HIDDEN} --demo explode"

    def run(self, surroundings: Surroundings) -> Telling:
        """The probe's own claims."""
        config = GradprobeConfig(models=MODELS, len=200, hidden=HIDDEN, demo="explode")
        told = probe_models(plan(config))
        model = ""
        while True:
            try:
                event = next(told)
            except StopIteration as end:
                return [claim for claim in end.value.guide if claim.number in self.claims]
            if surroundings.should_stop():
                from seqcli.errors import StoppedError

                raise StoppedError("stopped between two probes", "The same command goes on.")
            if event.model != model:
                model = event.model
                yield Note(text=f"probing {model}")


PART = Gradients()
