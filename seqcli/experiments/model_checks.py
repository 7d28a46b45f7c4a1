"""Checks before training: a model learns such a task, its settings fit it, this machine has the memory."""

from seqcli.config.hardware import free_memory
from seqcli.data.first_weights import EMBEDDING
from seqcli.data.kind import KINDS
from seqcli.data.prepared import Prepared
from seqcli.errors import OutOfMemoryError, UsageError
from seqcli.models.architecture import architecture, instead_of
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.results.wording import fixed
from seqcli.training.config import TrainingConfig

MANY_GATES = 7
"""No cell here has more (an LSTM has three): what fits with so many fits, and no cell's torch is loaded."""


def check_first_weights(model: ModelConfig, prepared: Prepared) -> None:
    """Refuse a model into which neither the embedding nor the recurrence of an earlier run fits.

    Raises:
        UsageError: Names the widths that would.
    """
    if prepared.first is None or prepared.first.from_vectors:
        return
    tensors = prepared.first.tensors
    matrix = tensors.get("recurrent.weight_hh_l0")
    vectors = tensors.get(EMBEDDING)
    if matrix is None:  # of several parts: what fits is told when training begins
        return
    same_width = matrix.shape[1] == model.hidden
    same_cell = len(matrix) == (len(CELLS.get(model.cell_name).gates) + 1) * model.hidden
    if not (same_width and same_cell) and (vectors is None or vectors.shape[1] != model.embedding):
        raise UsageError(
            f"nothing of --init-from fits a {model.model} of width {model.hidden}: its state has"
            f" {matrix.shape[1]:,}"
            + ("" if vectors is None else f" and its vectors have {vectors.shape[1]:,}"),
            "Take its --hidden, --embedding and model.",
        )


def check_kind(model: str, task: str, kind: str, other: str = "") -> None:
    """Refuse a model that does not learn tasks of this kind.

    Args:
        model: Its name.
        task: The task's name.
        kind: What it is.
        other: What else may be meant, as a sentence.

    Raises:
        UsageError: What to take instead.
    """
    described = architecture(model)
    if kind not in described.kinds:
        raise UsageError(
            f"{model} cannot learn {task}, a task of kind {kind}",
            f"{instead_of(model, kind)} {other}".strip(),
        )


def check_direction(model: ModelConfig, task: str, kind: str) -> None:
    """Refuse a model that would read what it is to say.

    Raises:
        UsageError: It reads in both directions, or in any order, and the kind's answers lie ahead.
    """
    if model.control == "shuffle" and KINDS.get(kind).one_way:
        raise UsageError(
            f"control=shuffle would throw away what {task} asks for: which token comes next",
            "Leave it out: the unigram baseline knows no order.",
        )
    if model.bidirectional and KINDS.get(kind).one_way:
        raise UsageError(f"--bidirectional would read what {task} asks for: what comes next", "Leave it out.")


def check_size(model: ModelConfig, training: TrainingConfig, prepared: Prepared) -> None:
    """Refuse a model whose training cannot fit into this machine's memory, before anything runs.

    The need is a lower bound in float32: weights, gradients, Adam's two moments and the best epoch's copy,
    and the states that a step keeps for its way back. What passes can still be too much; what is refused is.

    Raises:
        OutOfMemoryError: How much it needs, and how much there is.
    """
    free = free_memory()
    if _least_bytes(model, training, prepared, gates=MANY_GATES) <= free:
        return
    # Counting a cell's gates loads its file and torch: only where a cell of many would not fit.
    needed = _least_bytes(model, training, prepared, gates=len(model.gate_names))
    if needed > free:
        raise OutOfMemoryError(
            f"{model.model} of width {model.hidden} needs at least {fixed(needed / 2**30, 0)} GiB to train,"
            f" and {fixed(free / 2**30, 1)} GiB are free",
            "Take a smaller --hidden, --embedding, --layers or --batch-size.",
        )


def _least_bytes(model: ModelConfig, training: TrainingConfig, prepared: Prepared, *, gates: int) -> int:
    """A lower bound of the memory that training takes, in float32, for a cell of so many gates."""
    width = model.hidden * (1 + model.bidirectional)
    below = model.hidden + model.embedding + (model.layers - 1) * (model.hidden + width)
    recurrent = (gates + 1) * width * below
    # Weights, gradients, Adam's two moments, the best epoch's copy: five numbers for each weight.
    numbers = 5 * (recurrent + prepared.vocab_size * model.embedding + width * prepared.output_size)
    steps = int(prepared.splits["train"].lengths.max(initial=1))
    states = min(training.batch_size, len(prepared.splits["train"].lengths)) * steps * width * model.layers
    return 4 * (numbers + states)


def check_fits(model: ModelConfig, training: TrainingConfig, prepared: Prepared) -> None:
    """Refuse settings that a kind of task would ignore.

    Raises:
        UsageError: Classes are weighed, labels chained or frames encoded where there are none.
    """
    if training.class_weights != "none" and not KINDS.get(prepared.kind).weighs_classes:
        raise UsageError(
            f"--class-weights weighs classes, and {prepared.name}, a task of kind {prepared.kind}, puts no"
            " whole sequence into one",
            "Leave it out.",
        )
    if training.threshold != "half":
        check_threshold(prepared)
    if model.crf and not KINDS.get(prepared.kind).chains_labels:
        raise UsageError(
            f"--crf joins the labels of neighbouring words, and {prepared.name}, a task of kind"
            f" {prepared.kind}, has none",
            "Leave it out.",
        )
    if model.frame_encoder and prepared.frame is None:
        raise UsageError(
            f"--frame-encoder reads frames that are images, and {prepared.name}, a task of kind"
            f" {prepared.kind}, has none",
            "Leave it out.",
        )


def check_threshold(prepared: Prepared) -> None:
    """Refuse to choose a threshold where no single probability decides.

    Raises:
        UsageError: Whole sequences are put into no classes, or into more or fewer than two.
    """
    if not KINDS.get(prepared.kind).weighs_classes:
        raise UsageError(
            f"--threshold decides between two classes, and {prepared.name}, a task of kind {prepared.kind},"
            " puts no whole sequence into one",
            "Leave it out.",
        )
    if (classes := len(prepared.labels)) != 2:
        raise UsageError(
            f"--threshold decides between two classes, and {prepared.name} has {classes}: among them it is"
            " the likeliest that is said, not the one beyond a threshold",
            "Leave it out; --class-weights balanced makes errors of rare classes count more.",
        )
