"""One training on several processes, each on its part of every batch: torch's DistributedDataParallel.

All processes hold the same weights and take the same steps: a batch's loss is the mean over the whole batch,
whose parts are weighted by their terms, so that uneven parts and padding change nothing. Process 0 keeps and
tells; the others compute. Untested on CUDA.
"""

import json
import math
import os
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from seqcli.errors import WorkerLostError
from seqcli.models.learner import Learner
from seqcli.ops.batch_part import BatchPart, computing
from seqcli.results.train import Score
from seqcli.training.evaluate import EvaluationStopped
from seqcli.training.loop import EpochDone, StepDone, StepWanted, Training
from seqcli.training.state import capture, restore
from seqcli.training.step import Batch, StepOutcome, descend

PATIENCE = timedelta(days=7)
"""How long a process waits for another: process 0 may score a large split meanwhile. A process that died is
noticed at once by its closed connection, one that hangs by the parent's watchdog."""


def join(device: str) -> int:
    """Meet the other processes, as torchrun's environment says where: by NCCL on CUDA, else by gloo.

    Returns:
        The number of this process, from 0.
    """
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if device == "cuda" else "gloo", timeout=PATIENCE)
    return distributed.get_rank()


def send_bytes(content: bytes | None, device: torch.device) -> bytes:
    """Bytes from process 0 in every process; the others give None."""
    size = _from_first(torch.tensor([len(content or b"")], device=device))
    sent = torch.empty(int(size), dtype=torch.uint8, device=device)
    if content:
        sent.copy_(torch.frombuffer(bytearray(content), dtype=torch.uint8))
    return bytes(_from_first(sent).cpu().numpy()) if len(sent) else b""


def _from_first(values: Tensor) -> Tensor:
    distributed.broadcast(values, src=0)
    return values


class SharedLoss(nn.Module):
    """The loss of a part of a batch, as DistributedDataParallel wraps it.

    Args:
        network: The network.
    """

    def __init__(self, network: Learner) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Batch, share: float) -> Tensor:
        """The part's mean loss times its share; of a part without terms 0, so that its gradients are 0.

        Args:
            batch: The part.
            share: What its mean counts in the mean of the whole batch.
        """
        if share == 0:
            return sum((weight.sum() * 0 for weight in self.parameters()), start=torch.zeros(()))
        return self.network.batch_loss(*batch) * share


def share_of(network: Learner, batch: Batch, part: BatchPart) -> float:
    """Return what the mean loss of a part counts in that of its whole batch; NaN of one that has no terms."""
    whole, own = network.weight(batch.lengths, batch.targets), batch.of_rows(part.rows)
    if not whole:
        return math.nan
    return network.weight(own.lengths, own.targets) / whole if own.sequences else 0.0


class SharedTraining(Training):
    """One process's part in a training that a group of processes shares; arguments as for `Training`."""

    _loss: nn.Module
    _stops = False

    @property
    def rank(self) -> int:
        """The number of this process, from 0."""
        return distributed.get_rank()

    def run(self) -> Iterator[StepDone | EpochDone | StepWanted]:
        """Train to the end, from where process 0 is.

        Raises:
            DivergedError: The loss, the gradient or a weight is not finite, or the loss has exploded.
            EvaluationStopped: A stop was asked for between two batches of an evaluation.
            WorkerLostError: Another process is gone.
        """
        try:
            self._begin_together()
            self._loss = DistributedDataParallel(SharedLoss(self.network))
            yield from super().run()
        except RuntimeError as error:
            raise lost_companion(error) or error from error

    def _begin_together(self) -> None:
        """Give the state of process 0, which a checkpoint may have brought on, to the others."""
        first = self.rank == 0
        position, files = capture(self) if first else ({}, {})
        header = {"position": position, "sizes": {name: len(content) for name, content in files.items()}}
        shared = json.loads(send_bytes(json.dumps(header).encode() if first else None, self.device))
        content = send_bytes(b"".join(files.values()) if first else None, self.device)
        if first:
            return
        ends = np.cumsum(list(shared["sizes"].values()))
        pieces = {
            name: content[end - size : end]
            for end, (name, size) in zip(ends, shared["sizes"].items(), strict=True)
        }
        restore(self, shared["position"], pieces)

    def step(self, batch: Batch) -> StepOutcome:
        """One step of the optimiser: every process computes its part, and all take the same step."""
        part = BatchPart(self.rank, distributed.get_world_size(), batch.sequences)
        carried = self.network.carried
        self.network.carried = carried and tuple(state[:, part.rows] for state in carried)
        with computing(part), self.products():
            # DistributedDataParallel takes the mean of the processes' gradients, and this is to be a sum.
            loss: Tensor = self._loss(
                batch.of_rows(part.rows), part.every * share_of(self.network, batch, part)
            )
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        if carried is not None:
            self.network.carried = self._whole_state(carried, part)
        total = self._agreed(loss.item() / part.every)
        return descend(self.network, self.optimiser, total, clip_norm=self.config.clip)

    def _agreed(self, loss: float) -> float:
        """The sum of the processes' losses; whether process 0 asks for a stop is told on the same way."""
        stops = self.rank == 0 and self.should_stop()
        sums = torch.tensor([loss, float(stops)], dtype=torch.float64, device=self.device)
        distributed.all_reduce(sums)
        self._stops = bool(sums[1])
        return float(sums[0])

    def _whole_state(self, before: tuple[Tensor, ...], part: BatchPart) -> tuple[Tensor, ...]:
        """The carried states of all rows (L, B, H), each process's part in its rows, in every process."""
        own = self.network.carried or ()
        states = []
        for state, moved in zip(before, own, strict=True):
            whole = torch.zeros_like(state)
            whole[:, part.rows] = moved
            distributed.all_reduce(whole)  # zeros elsewhere: the sum is every row
            states.append(whole)
        return tuple(states)

    def stop_asked(self) -> bool:
        """Return whether process 0 asked for a stop before the last step's end, as all know."""
        return self._stops

    def valid_score(self) -> Score:
        """The score on the validation split by process 0, in every process.

        Raises:
            EvaluationStopped: A stop was asked for between two batches.
        """
        score: Score | None = None
        if self.rank == 0:
            try:
                score = super().valid_score()
            except EvaluationStopped:
                _tell_score(None, self.device)
                raise
        score = _tell_score(score, self.device)
        if score is None:
            raise EvaluationStopped
        return score


def _tell_score(score: Score | None, device: torch.device) -> Score | None:
    """Process 0's score in every process; None where a stop kept it from having one."""
    spelt = b"null" if score is None else json.dumps(score.to_json()).encode()
    sent = send_bytes(spelt if distributed.get_rank() == 0 else None, device)
    return None if sent == b"null" else Score.from_json(json.loads(sent))


def lost_companion(error: RuntimeError) -> WorkerLostError | None:
    """Return the error of a process whose companions are gone; None for any other error.

    NCCL has a class of its own for it, and gloo says it in a plain RuntimeError.
    """
    if not isinstance(error, distributed.DistError) and "gloo" not in str(error).lower():
        return None
    return WorkerLostError(
        "another process of this training was lost: it ended without a word",
        "The same command continues from the last checkpoint.",
    )
