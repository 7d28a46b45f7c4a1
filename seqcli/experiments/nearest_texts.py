"""Training texts that leave a network in a state like that of a given text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from seqcli.data.prepared import Prepared
from seqcli.errors import RunError, SeqcliError
from seqcli.experiments.run_evaluation import data_of_run
from seqcli.models.network import Network
from seqcli.results.look import Nearest
from seqcli.runs.finished_run import FinishedRun

AT_ONCE = 256
"""Texts that are read together: at 400 steps each, states of width 128 in float32 take 52 MB."""
MOST_TEXTS = 2_000
"""Training texts among which near ones are looked for: seconds on any machine."""


@dataclass(frozen=True)
class TrainingStates:
    """Training texts and the states at which they end, of length 1 each (N, D·H)."""

    texts: Sequence[str]
    labels: Sequence[str | None]
    states: Tensor


def training_states(folder: Path, network: Network, count: int) -> tuple[TrainingStates | None, str]:
    """The first training texts and their states; else why there are none."""
    if not count:
        return None, ""
    try:
        run = FinishedRun.open(folder)
        if run is None:
            raise RunError(f"{folder} is not finished")
        prepared = data_of_run(folder, run)
    except (SeqcliError, OSError, ValueError) as error:
        return None, error.message if isinstance(error, SeqcliError) else str(error)
    return _states_of(prepared, network), ""


def _states_of(prepared: Prepared, network: Network) -> TrainingStates:
    split = prepared.splits["train"]
    count = min(len(split), MOST_TEXTS)
    places = np.linspace(0, len(split) - 1, count).astype(np.int64)
    states = []
    for start in range(0, count, AT_ONCE):
        inputs, lengths, _ = split.rows(places[start : start + AT_ONCE])
        outputs = network.recurrent.outputs(
            network.embedding(torch.from_numpy(inputs)), torch.from_numpy(lengths)
        )
        states.append(network.head.pooled(outputs, torch.from_numpy(lengths)))
    texts = list(prepared.texts("train"))
    targets = np.asarray(split.targets)
    has_labels = targets.ndim == 1 and bool(prepared.labels) and not network.head.every_step
    return TrainingStates(
        [" ".join(texts[place].split()) for place in places],
        [prepared.labels[int(targets[place])] if has_labels else None for place in places],
        normalize(torch.cat(states), dim=1),
    )


def nearest_texts(state: Tensor, examples: TrainingStates | None, count: int) -> list[Nearest]:
    """The training texts that end in the states most like one (D·H), by the cosine."""
    if examples is None or not count:
        return []
    likeness = examples.states @ normalize(state, dim=0)
    best = likeness.topk(min(count, len(likeness)))
    return [
        Nearest(text=examples.texts[place], label=examples.labels[place], similarity=float(value))
        for value, place in zip(best.values, best.indices.tolist(), strict=True)
    ]
