"""A trained run, read back to be probed: its start, its saved checkpoints, its best epoch."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from torch import Tensor

from seqcli.data.config import DataConfig
from seqcli.data.prepared import Prepared, prepare
from seqcli.data.task import choose_task, recorded_task
from seqcli.errors import RunError
from seqcli.experiments.gradprobe.probed_inputs import BatchSource, fresh_network
from seqcli.models.architecture import architecture
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.models.network import Network
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.results.gradprobe import ProbedInputs
from seqcli.runs.directory import RunDirectory
from seqcli.runs.run_layout import MODEL_FILE
from seqcli.runs.storage import foreign_values
from seqcli.training.state import WEIGHTS_FILE, from_bytes, kept_epochs, load_weights


@dataclass(frozen=True)
class TrainedRun:
    """A run directory opened for probing.

    Args:
        folder: Where it lies, as the person named it.
        run: The directory.
        model: Its model's settings.
        seed: What decided its first weights.
        prepared: The data that it was trained on.
    """

    folder: Path
    run: RunDirectory
    model: ModelConfig
    seed: int
    prepared: Prepared

    @classmethod
    def open(cls, folder: Path) -> "TrainedRun":
        """Read a run and make its data ready.

        Raises:
            RunError: There is no run of a recurrent model, it was changed, or its data was.
        """
        run = RunDirectory.open(folder)
        config = run.config
        model = _model(config, folder)
        with foreign_values(folder):
            data = DataConfig.model_validate_json(_fields(config, DataConfig))
        learnt = architecture(model.model).kinds
        prepared = prepare(choose_task(recorded_task(config), data, learnt), data)
        if run.identity.get("prepared_sha256", prepared.sha256) != prepared.sha256:
            raise RunError(
                f"{folder} was trained on other data than {prepared.name} holds now",
                "Probe it where its data is unchanged, or train again.",
            )
        seed = config.get("seed")
        return cls(folder, run, model, seed if isinstance(seed, int) else 0, prepared)

    def best(self) -> dict[str, Tensor]:
        """The weights of the best epoch.

        Raises:
            RunError: The run is not finished.
        """
        state = self.run.status().state
        if state != "done":
            raise RunError(
                f"{self.folder} has no trained weights: it is {state}",
                "Give its `train` command again, or look at what is saved with --over-training.",
            )
        return from_bytes(self.run.read(MODEL_FILE), str(self.folder))

    def moments(self) -> Iterator[tuple[str, Mapping[str, Tensor] | None]]:
        """Every moment whose weights are known: start (None), checkpoints or kept epochs, best epoch.

        The start's weights are drawn again from the seed.

        Raises:
            RunError: A checkpoint is damaged.
        """
        yield "at the start", None
        for checkpoint in self.run.checkpoints.saved():
            weights = from_bytes(checkpoint.files[WEIGHTS_FILE], f"{self.folder} step {checkpoint.step}")
            yield f"step {checkpoint.step}", weights
        if self.run.status().state == "done":
            for number, name in kept_epochs(self.run.manifest.files).items():
                yield f"epoch {number}", from_bytes(self.run.read(name), f"{self.folder} epoch {number}")
            yield "best epoch", self.best()


class RunSource(BatchSource):
    """A run's own weights over its own data; the seeds only choose batches.

    Args:
        run: The run.
        weights: By name; None for those that training began with.
        steps: How far back to look; None takes the median length.
        batch_size: Sequences of a batch.
    """

    def __init__(
        self, run: TrainedRun, weights: Mapping[str, Tensor] | None, *, steps: int | None, batch_size: int
    ) -> None:
        super().__init__(run.prepared, steps=steps, batch_size=batch_size)
        self.run, self.weights = run, weights

    @property
    def inputs(self) -> ProbedInputs:
        """The run."""
        name, folder = self.prepared.name, str(self.run.folder)
        return ProbedInputs(kind="run", name=name, sequences=self.sequences, run=folder)

    def network(self, model: ModelConfig, seed: int) -> Network:  # noqa: ARG002 the weights are the run's
        """The run's network.

        Raises:
            RunError: The weights do not fit the model, or are not finite.
        """
        network = fresh_network(model, self.run.seed, self.prepared)
        if self.weights is not None:
            load_weights(network, self.weights, str(self.run.folder))
        return network


def _model(config: Mapping[str, object], folder: Path) -> ModelConfig:
    name = config.get("model")
    if not isinstance(name, str) or (name not in CELLS and name != "seq2seq"):
        content = "no model" if name is None else f"the model {name!r}, which is not a single recurrence"
        known = ", ".join((*CELLS.names(), "seq2seq"))
        raise RunError(f"{folder} holds {content}", f"gradprobe reads runs of {known}.")
    record = Seq2SeqConfig if name == "seq2seq" else ModelConfig
    try:
        return record.model_validate_json(_fields(config, record))
    except ValidationError as error:
        raise RunError(f"{folder} has settings that no model takes: {error.errors()[0]['msg']}") from error


def _fields(config: Mapping[str, object], record: type[DataConfig] | type[ModelConfig]) -> str:
    return json.dumps({name: config[name] for name in record.model_fields if name in config})
