"""A finished run from inside while it reads one text or signal: states, gates, leanings, near examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS
from seqcli.data.threshold import decided
from seqcli.data.tokenizer import UNK, Tokenizer
from seqcli.errors import RunError, UsageError, either
from seqcli.experiments.continue_series import labels_signals
from seqcli.experiments.label_signals import new_signals
from seqcli.experiments.nearest_texts import AT_ONCE, nearest_texts, training_states
from seqcli.models.cell import CELLS
from seqcli.models.learner import Learner
from seqcli.models.network import Network
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.search import SearchConfig
from seqcli.probes.inside import LayerWay, way_through
from seqcli.results.look import LayerOfRun, Look, LookedStep, Nearest, WeightShares
from seqcli.runs.finished_run import TaskRecord
from seqcli.training.predictor import Predictor, usable_run
from seqcli.training.signal_predictor import SignalPredictor
from seqcli.training.translator import Translator

MOST_STEPS = 400
"""Words that are looked at: every one is the end of a text that is read anew."""


@dataclass(frozen=True)
class _Read:
    """One text or signal on its way through a run's recurrence.

    Args:
        tokens: Its pieces as people read them, of a signal its steps' numbers (T).
        known: Which of them the vocabulary has, of a signal which say anything (T).
        ids: What the network reads, (T); of a signal (T, I).
        vectors: What the recurrence reads of them, (T, I).
    """

    tokens: Sequence[str]
    known: Sequence[bool]
    ids: Tensor
    vectors: Tensor


@dataclass(frozen=True)
class _Leaning:
    label: str
    probability: float


@torch.no_grad()
def look_inside(folder: Path, text: str, *, nearest: int = 3) -> Look:
    """A run's states, gates and answers word by word, or step by step.

    Args:
        folder: The run.
        text: What it reads; of a run that reads numbers, a file of one sequence.
        nearest: Training texts to name that end in a state like this one's; 0 looks for none.

    Raises:
        RunError: It is no run that can be used, or it reads no texts, or it has no recurrence.
        UsageError: The text is empty.
    """
    with usable_run(folder) as run:
        task = run.task
    if KINDS.get(task.kind).reader is not None:
        return _look_at_reader(folder, text, nearest)
    if labels_signals(folder):
        return _look_at_signal(folder, text, nearest, task)
    if "attention" in run.config:
        return _look_at_translator(folder, text)
    raise RunError(
        f"{folder} holds a run of kind {task.kind}, which reads no single text",
        "look takes runs that classify or tag texts or signals, or translate.",
    )


def _look_at_reader(folder: Path, text: str, nearest: int) -> Look:
    predictor = Predictor.open(folder)
    network = _recurrent(folder, predictor.network)
    read = _read(predictor, network, text)
    return _look_at_steps(folder, text, nearest, task=predictor.task, network=network, read=read)


def _look_at_signal(folder: Path, place: str, nearest: int, task: TaskRecord) -> Look:
    """The steps of a file's one sequence.

    Raises:
        UsageError: It holds several.
        DataError: It cannot be read, or has other channels.
    """
    predictor = SignalPredictor.open(folder)
    network = _recurrent(folder, predictor.network)
    table, _ = new_signals(predictor.shape, DataConfig(data=place))
    if len(table.signals) != 1:
        raise UsageError(
            f"{place} holds {len(table.signals):,} sequences, and look reads one", "Give a file of one."
        )
    signal = table.signals[0]
    predictor.check(signal)
    values = signal.values[: min(predictor.shape.most_steps or MOST_STEPS, MOST_STEPS)]
    inputs = torch.from_numpy(predictor.shape.inputs(values))
    known = [bool(row.any()) for row in ~np.isnan(values)]
    tokens = [str(number) for number in range(1, len(values) + 1)]
    read = _Read(tokens, known, inputs, network.embedding(inputs.unsqueeze(0))[0])
    return _look_at_steps(folder, signal.name, nearest, task=task, network=network, read=read)


def _recurrent(folder: Path, network: Learner) -> Network:
    """The network, which has a state.

    Raises:
        RunError: It has none.
    """
    if not isinstance(network, Network):
        raise RunError(
            f"{folder} holds a model without recurrence: it has no state that could change from word to word",
            f"look takes runs of cells: {either(CELLS.names())}.",
        )
    return network


def _look_at_steps(
    folder: Path, text: str, nearest: int, *, task: TaskRecord, network: Network, read: _Read
) -> Look:
    layers = way_through(network.recurrent, read.vectors)
    leanings = _leanings(task, network, read)
    prefixes = _pooled(network, *_prefixes(read.ids)) if not network.head.every_step else _top(layers)
    examples, missing = training_states(folder, network, nearest)
    near = [nearest_texts(state, examples, 1)[:1] for state in prefixes]
    steps = _steps(read, layers, leanings, [texts[0] if texts else None for texts in near])
    return _look(
        folder,
        task,
        text,
        steps=steps,
        layers=layers,
        recurrents=[network.recurrent],
        network=network,
        model=network.recurrent.cell.name,
    ).model_copy(
        update={
            "nearest": nearest_texts(prefixes[-1], examples, nearest),
            "nearest_missing": missing,
            "answers_each_step": network.head.every_step,
        }
    )


def _look_at_translator(folder: Path, text: str) -> Look:
    translator = Translator.open(folder)
    tokenizer, network = translator.tokenizer.source, translator.network
    tokens, ids = _pieces(tokenizer, text)
    vectors = network.encoder.embedding(ids)
    read = _Read(tokens, [number != UNK for number in ids.tolist()], ids, vectors)
    layers = way_through(network.encoder.recurrent, vectors)
    ((best, *_),) = translator.translate([text], SearchConfig(beam=1))
    return _look(
        folder,
        translator.task,
        text,
        steps=_steps(read, layers, [None] * len(tokens), [None] * len(tokens)),
        layers=layers,
        recurrents=[network.encoder.recurrent, network.decoder.recurrent],
        network=network,
        model="seq2seq",
    ).model_copy(update={"written": best.text})


def _pieces(tokenizer: Tokenizer, text: str) -> tuple[list[str], Tensor]:
    """The text's tokens as people read them, and their ids.

    Raises:
        UsageError: There is none.
    """
    (ids,) = tokenizer.encode([text])
    ids = ids[:MOST_STEPS]
    if not len(ids):
        raise UsageError("the text holds no word to read", 'Such as: seqcli look RUN "I work at Google".')
    pieces = tokenizer.pieces(text)[: len(ids)]
    if len(pieces) < len(ids):  # several ids may spell one character
        pieces = [tokenizer.decode([number]) for number in ids.tolist()]
    return pieces, torch.from_numpy(ids.astype(np.int64))


def _read(predictor: Predictor, network: Network, text: str) -> _Read:
    """The text as the run reads it: words that the file cut are parted by blanks.

    Raises:
        UsageError: It has no word.
    """
    if not text.strip():
        raise UsageError("the text holds no word to read", 'Such as: seqcli look RUN "I work at Google".')
    task = predictor.task
    new = predictor.reader.read([text], predictor.tokenizer, min(task.max_len, MOST_STEPS), task.reading)
    inputs, lengths, _ = new.split.rows(np.arange(1))
    ids = torch.from_numpy(inputs)[0, : min(int(lengths[0]), MOST_STEPS)]
    if network.head.every_step:
        tokens = [str(piece) for piece in new.pieces[0]][: len(ids)]
    else:
        tokens, ids = _pieces(predictor.tokenizer, text)
        tokens, ids = tokens[: predictor.task.max_len], ids[: predictor.task.max_len]
    embedding = network.embedding
    vectors: Tensor = embedding(ids)
    words = ids if ids.dim() == 1 else ids[:, 0]  # their letters stand behind them where those are read
    return _Read(tokens, [number != UNK for number in words.tolist()], ids, vectors)


def _prefixes(ids: Tensor) -> tuple[Tensor, Tensor]:
    """The beginnings of a text, each as a text of its own: ids (T, T, …) and lengths (T)."""
    steps = len(ids)
    return ids.expand(steps, *ids.shape), torch.arange(1, steps + 1)


def _leanings(task: TaskRecord, network: Network, read: _Read) -> list[_Leaning | None]:
    """The run's answer to the text up to each word, or its answer at each."""
    labels = task.labels
    if network.head.every_step:
        answers = network(read.ids.unsqueeze(0))
        numbers = network.head.for_evaluation(answers)[0].tolist()
        shares = answers[0, :, : len(labels)].double().softmax(dim=-1)
        return [_Leaning(labels[n], float(shares[place, n])) for place, n in enumerate(numbers)]
    ids, lengths = _prefixes(read.ids)
    leanings: list[_Leaning | None] = []
    for start in range(0, len(ids), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        outputs = network.head.for_evaluation(network(ids[part], lengths[part])).numpy()
        answers = decided(outputs, labels, task.threshold)[:, :2].tolist()
        leanings += [_Leaning(labels[int(number)], share) for number, share in answers]
    return leanings


def _pooled(network: Network, ids: Tensor, lengths: Tensor) -> Tensor:
    """The vector that the head reads of each text, (N, D·H)."""
    rows = []
    for start in range(0, len(ids), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        outputs = network.recurrent.outputs(network.embedding(ids[part]), lengths[part])
        rows.append(network.head.pooled(outputs, lengths[part]))
    return torch.cat(rows)


def _top(layers: Sequence[LayerWay]) -> Tensor:
    """The top layer's states after each word, (T, D·H)."""
    top = max(layer.layer for layer in layers)
    return torch.cat([layer.h for layer in layers if layer.layer == top], dim=1)


def _steps(
    read: _Read,
    layers: Sequence[LayerWay],
    leanings: Sequence[_Leaning | None],
    near: Sequence[Nearest | None],
) -> list[LookedStep]:
    """The effect of each word on the top layer's first direction."""
    top = max(layer.layer for layer in layers)
    layer = next(layer for layer in layers if layer.layer == top)
    first, last = (cosine_similarity(layer.h, layer.h[place], dim=1) for place in (0, -1))
    return [
        LookedStep(
            token=token,
            known=read.known[place],
            change=float(layer.changes[place]),
            state=float(layer.h[place].norm()),
            leaning=lean.label if lean else None,
            probability=lean.probability if lean else None,
            gates={name: float(values[place].mean()) for name, values in layer.gates.items()},
            nearest=near[place],
            to_first=float(first[place]),
            to_last=float(last[place]),
        )
        for place, (token, lean) in enumerate(zip(read.tokens, leanings, strict=True))
    ]


def _look(  # noqa: PLR0913 - all that a look is made of, by name
    folder: Path,
    task: TaskRecord,
    text: str,
    *,
    steps: list[LookedStep],
    layers: Sequence[LayerWay],
    recurrents: Sequence[Recurrent],
    network: Learner,
    model: str,
) -> Look:
    cell = recurrents[0].cell
    return Look(
        run=str(folder),
        model=model,
        cell=cell.name,
        task=task.name,
        kind=task.kind,
        text=text,
        steps=steps,
        layers=[_layer(layer, recurrents[0]) for layer in layers],
        shares=_shares(network, recurrents),
        keeps=cell.keeps,
    )


def _layer(layer: LayerWay, recurrent: Recurrent) -> LayerOfRun:
    suffix = recurrent.suffixes(layer.layer)[int(layer.backwards)]
    return LayerOfRun(
        layer=layer.layer,
        direction="backward" if layer.backwards else "forward",
        weights=sum(weight.numel() for weight in recurrent.weights(suffix)),
        state=sum(values.shape[1] for values in layer.states.values()),
        changes=layer.changes.tolist(),
        gates={name: values.mean(dim=1).tolist() for name, values in layer.gates.items()},
    )


def _shares(network: Learner, recurrents: Sequence[Recurrent]) -> WeightShares:
    """The trained numbers by what they do."""
    parts = {name: sum(map(Tensor.numel, weights)) for name, weights in network.parts().items()}
    named = [item for recurrent in recurrents for item in recurrent.named_parameters()]

    def count(prefix: str) -> int:
        return sum(weight.numel() for name, weight in named if name.startswith(prefix))

    return WeightShares(
        total=sum(parts.values()),
        embedding=parts["embedding"],
        input=count("weight_ih"),
        recurrent=count("weight_hh"),
        bias=count("bias"),
        output=parts["head"],
    )
