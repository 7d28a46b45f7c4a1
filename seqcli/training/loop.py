"""The training loop: batches in order, one step after the other, the best epoch kept.

The loop is a generator of events and its whole state is in `Position`, the network and the optimiser, so it
can be stopped after any step and continued to the same bytes.
"""

import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from seqcli.data.batches import Order, going_on, training_order
from seqcli.data.metric import Metric
from seqcli.data.randomness import stream_seed
from seqcli.data.sequences import SequenceSplit
from seqcli.errors import RunError
from seqcli.models.learner import Learner
from seqcli.results.train import EpochRecord, Score
from seqcli.training.config import Precision, TrainingConfig
from seqcli.training.evaluate import evaluate, never
from seqcli.training.step import (
    FLOAT32,
    SCHEDULES,
    Batch,
    StepOutcome,
    check_outcome,
    check_weights,
    load_batch,
    make_optimiser,
    train_step,
)

Stopped = Literal["epochs", "early", "steps"]


@dataclass
class Position:
    """The position of training: everything but the tensors, exact in JSON.

    `batch` counts the batches done in `epoch`; sums run over the epoch so far.
    """

    epoch: int = 1
    batch: int = 0
    step: int = 0
    first_loss: float | None = None
    loss_sum: float = 0.0
    examples: int = 0
    norm_sum: float = 0.0
    clipped: int = 0
    largest_norm: float = 0.0
    best_epoch: int = 0
    best_metric: float | None = None
    best_loss: float | None = None
    stopped: Stopped | None = None

    def start_epoch(self, epoch: int) -> None:
        """Begin `epoch` with its sums at zero."""
        self.epoch, self.batch = epoch, 0
        self.loss_sum = self.norm_sum = 0.0
        self.examples = self.clipped = 0

    def to_json(self) -> dict[str, object]:
        """The fields as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> "Position":
        """The position that `to_json` wrote.

        Raises:
            RunError: The fields are not a position's.
        """
        try:
            return TypeAdapter(cls).validate_json(json.dumps(dict(values)), strict=True)
        except ValidationError as error:
            raise RunError(f"the checkpoint's position cannot be read: {error}") from error


@dataclass
class Clock:
    """Seconds and work of the training steps; told, but never decides anything.

    `before` holds the seconds of the processes that trained this leg earlier.
    """

    started: float = field(default_factory=time.perf_counter)
    before: float = 0.0
    train_seconds: float = 0.0
    sequences: int = 0
    tokens: int = 0
    seconds_to_best: float = 0.0
    epoch_seconds: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Seconds since the leg began, evaluation included."""
        return self.before + time.perf_counter() - self.started

    @property
    def sequences_per_second(self) -> float:
        """Training speed so far, evaluation left out."""
        return self.sequences / self.train_seconds if self.train_seconds else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Real tokens a second, padding and evaluation left out."""
        return self.tokens / self.train_seconds if self.train_seconds else 0.0


@dataclass(frozen=True)
class StepDone:
    """One step is behind us; `steps` counts the epoch's."""

    epoch: int
    step: int
    steps: int
    outcome: StepOutcome


@dataclass(frozen=True)
class StepWanted:
    """A training waits for a step, to be taken together with those of others."""

    training: "Training"
    batch: Batch


@dataclass(frozen=True)
class EpochDone:
    """An epoch is behind us and scored; `improved` when it is the best so far."""

    record: EpochRecord
    improved: bool


class Training:
    """One leg's training: construct, optionally `restore`, then iterate `run()`.

    Args:
        network: The network to train, already initialised and on `device`.
        train: The split that is learned from.
        valid: The split that chooses the best epoch and stops early.
        config: How to train.
        metric: What the validation split is scored by.
        seed: The leg's seed: batch order and dropout follow from it.
        device: Where the tensors live.
    """

    def __init__(  # noqa: PLR0913 - all that decides a training, by name
        self,
        network: Learner,
        *,
        train: SequenceSplit,
        valid: SequenceSplit,
        config: TrainingConfig,
        metric: Metric,
        seed: int,
        device: torch.device,
    ) -> None:
        self.network = network
        self.train = train
        self.valid = valid
        self.config = config
        self.metric = metric
        self.seed = seed
        self.device = device
        self.optimiser = make_optimiser(network, config.lr, optimizer=config.optimizer)
        self.position = Position()
        self.clock = Clock()
        self.best_weights: dict[str, Tensor] = {}
        self.epoch_weights: dict[int, dict[str, Tensor]] = {}
        self.should_stop: Callable[[], bool] = never
        self.precision: Precision = "float32"
        self.idle = 0.0  # seconds of the step in hand that went to other trainings

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one pass over the training split."""
        return len(self.order_of(1))

    def run(self) -> Iterator[StepDone | EpochDone | StepWanted]:
        """Train to the end, telling each step and each epoch.

        Raises:
            DivergedError: The loss, the gradient or a weight is not finite, or the loss has exploded.
            EvaluationStopped: `should_stop` said so between two batches of an evaluation.
        """
        self.network.train()
        while self.position.stopped is None:
            yield from self._epoch()
            if self.position.batch:
                yield self._finish_epoch()

    def order_of(self, epoch: int) -> Order:
        """The batches of an epoch as places in the training split: a function of the seed and the epoch."""
        return training_order(
            self.train,
            batch_size=self.config.batch_size,
            seed=stream_seed(self.seed, "order"),
            epoch=epoch,
        )

    def _epoch(self) -> Iterator[StepDone | StepWanted]:
        position = self.position
        order = self.order_of(position.epoch)
        for number in range(position.batch, len(order)):
            indices = order[number]
            began = time.perf_counter()
            batch = load_batch(self.train, indices, self.device)
            # By the step, not from a running state, so that a leg that went on draws the same masks.
            seed_dropout(stream_seed(self.seed, "dropout", position.step), self.device)
            self._set_rate(position.batch / len(order))
            self._carry(order[position.batch - 1] if position.batch else None, indices)
            outcome = yield from self.taken(batch)
            self._count(outcome, self.network.terms(batch.lengths, batch.targets))
            # The loss is read within: on a GPU that waits for the step, so that the clock sees its work.
            self.clock.train_seconds += time.perf_counter() - began - self.idle
            self.clock.sequences += batch.sequences
            self.clock.tokens += self.network.tokens(batch.lengths, batch.targets)
            yield StepDone(position.epoch, position.batch, len(order), outcome)
            if position.step == self.config.max_steps:
                position.stopped = "steps"
                return

    def _carry(self, before: NDArray[np.int64] | None, indices: NDArray[np.int64]) -> None:
        """Start the step from the state that the one before left, where the data goes on from there."""
        follows = going_on(self.train, before, indices)
        if follows is not None:
            self.network.carry(follows)

    def taken(self, batch: Batch) -> Generator[StepWanted, None, StepOutcome]:
        """The outcome of the step on a batch, which somebody else may take for this training."""
        yield from ()
        return self.step(batch)

    def step(self, batch: Batch) -> StepOutcome:
        """One step of the optimiser on a batch."""
        return train_step(
            self.network, self.optimiser, batch, clip_norm=self.config.clip, products=self.products()
        )

    def products(self) -> AbstractContextManager[object]:
        """Inside it, products are taken in the training's precision."""
        if self.precision == "float32":
            return FLOAT32
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def stop_asked(self) -> bool:
        """Return whether training shall end between two steps, its state saved."""
        return self.should_stop()

    def valid_score(self) -> Score:
        """The score on the validation split.

        Raises:
            EvaluationStopped: `should_stop` said so between two batches.
        """
        return evaluate(
            self.network, self.valid, self.metric, device=self.device, should_stop=self.should_stop
        ).score

    def _set_rate(self, epoch_share: float) -> None:
        """The learning rate of the step to come, a function of where training is and of nothing else."""
        # Whichever limit is nearer ends training, and the rate must have come down by then.
        done = (self.position.epoch - 1 + epoch_share) / self.config.epochs
        if self.config.max_steps is not None:
            done = max(done, self.position.step / self.config.max_steps)
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.lr * SCHEDULES[self.config.schedule](done)

    def _count(self, outcome: StepOutcome, terms: int) -> None:
        position = self.position
        position.step += 1
        position.batch += 1
        if position.first_loss is None:
            position.first_loss = outcome.loss
        check_outcome(
            outcome,
            step=position.step,
            epoch=position.epoch,
            first_loss=position.first_loss,
            learning_rate=self.config.lr,
        )
        # Weighted by terms: the last batch is smaller, and a mean of batch means would count it too much.
        position.loss_sum += outcome.loss * terms
        position.examples += terms
        position.norm_sum += outcome.gradient_norm
        position.largest_norm = max(position.largest_norm, outcome.gradient_norm)
        position.clipped += self.config.clip is not None and outcome.gradient_norm > self.config.clip

    def _finish_epoch(self) -> EpochDone:
        position = self.position
        # Before the evaluation: scores of weights that are not finite would look like a bad epoch, not like a
        # fault.
        check_weights(self.network, step=position.step)
        score = self.valid_score()
        self.clock.epoch_seconds.append(self.clock.seconds)
        improved = self._is_best(score)
        if self.config.keep_epochs:
            self.epoch_weights[position.epoch] = self._weights()
        if improved:
            position.best_epoch, position.best_metric, position.best_loss = (
                position.epoch,
                score.value,
                score.loss,
            )
            self.best_weights = self._weights()
            self.clock.seconds_to_best = self.clock.seconds
        record = EpochRecord(
            epoch=position.epoch,
            step=position.step,
            train_loss=position.loss_sum / position.examples,
            valid_loss=score.loss,
            valid_metric=score.value,
            gradient_norm=position.norm_sum / position.batch,
            clipped_share=position.clipped / position.batch,
        )
        self._advance()
        return EpochDone(record, improved)

    def _weights(self) -> dict[str, Tensor]:
        """A copy of the weights as they are now."""
        return {name: value.detach().clone() for name, value in self.network.state_dict().items()}

    @contextmanager
    def best(self) -> Iterator[Learner]:
        """The network with its best epoch's weights; after it, a checkpoint holds the last ones again."""
        # Copies: `state_dict` gives views, which loading the best weights would overwrite.
        last = self._weights()
        self.network.load_state_dict(self.best_weights)
        try:
            yield self.network
        finally:
            self.network.load_state_dict(last)

    def _is_best(self, score: Score) -> bool:
        """Return whether it is better by `choose_by`: at a lower loss, or at a better metric.

        The same metric at a lower loss is better too: validation splits are small and tie often.
        """
        best_metric, best_loss = self.position.best_metric, self.position.best_loss
        if best_metric is None or best_loss is None:
            return True
        if self.config.choose_by == "loss":
            return score.loss < best_loss
        gain = score.value - best_metric if self.metric.higher_is_better else best_metric - score.value
        return gain > 0 or (gain == 0 and score.loss < best_loss)

    def _advance(self) -> None:
        position = self.position
        # Early before epochs: where both hold, that nothing improved any more is what a person can act on.
        if position.stopped is None and position.epoch - position.best_epoch >= self.config.patience:
            position.stopped = "early"
        elif position.stopped is None and position.epoch >= self.config.epochs:
            position.stopped = "epochs"
        if position.stopped is None:
            position.start_epoch(position.epoch + 1)
        else:
            position.batch = 0


def seed_dropout(seed: int, device: torch.device) -> None:
    """Seed torch's generators; on a CPU its own alone, without torch's slow look for others."""
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)
