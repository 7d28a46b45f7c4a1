"""The names of other programs' options here, by meaning; typer itself suggests by spelling."""

from collections.abc import Collection, Mapping

LEARNING_RATE = ("--lr",)
PARALLEL = ("--jobs", "--threads")
HIDDEN = ("--hidden",)
LAYERS = ("--layers",)
EMBEDDING = ("--embedding",)
EPOCHS = ("--epochs",)
BATCH = ("--batch-size",)
OUT = ("--out",)
DATA = ("--data", "--input")
LABEL = ("--label-column",)
TEXT = ("--text-column",)
LENGTH = ("--max-len", "--len")
SEEDS = ("--seeds", "--seed")
GPU = ("--device cuda",)

MEANINGS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("learning-rate", "learn-rate", "lr-rate", "eta", "step-size", "alpha"), LEARNING_RATE),
    **dict.fromkeys(("gpu", "gpus", "cuda", "use-gpu", "use-cuda"), GPU),
    "cpu": ("--device cpu",),
    "mps": ("--device mps",),
    **dict.fromkeys(("workers", "num-workers", "n-jobs", "num-jobs", "processes", "parallel"), PARALLEL),
    **dict.fromkeys(("epoch", "num-epochs", "n-epochs", "max-epochs"), EPOCHS),
    **dict.fromkeys(("batch", "bs", "bsz", "batchsize"), BATCH),
    **dict.fromkeys(("output", "output-dir", "out-dir", "save", "save-dir", "save-to"), OUT),
    **dict.fromkeys(("hidden-size", "hidden-dim", "hidden-units", "units", "width", "rnn-size"), HIDDEN),
    **dict.fromkeys(("num-layers", "n-layers", "layer", "depth"), LAYERS),
    **dict.fromkeys(("embedding-size", "embedding-dim", "embed-dim", "embed-size", "emb"), EMBEDDING),
    **dict.fromkeys(("drop", "dropout-rate", "drop-rate"), ("--dropout",)),
    **dict.fromkeys(("bi", "bidir", "bi-directional"), ("--bidirectional",)),
    **dict.fromkeys(("file", "input", "input-file", "dataset", "path"), DATA),
    **dict.fromkeys(("text", "text-col", "texts"), TEXT),
    **dict.fromkeys(("label", "label-col", "labels", "target"), LABEL),
    **dict.fromkeys(("max-length", "seq-len", "max-seq-len", "sequence-length"), LENGTH),
    **dict.fromkeys(("delimiter", "separator"), ("--sep",)),
    **dict.fromkeys(("vocab", "max-features"), ("--vocab-size",)),
    **dict.fromkeys(("grad-clip", "clip-norm", "max-grad-norm", "clip-grad"), ("--clip",)),
    **dict.fromkeys(("early-stopping", "early-stop"), ("--patience",)),
    **dict.fromkeys(("seed", "seeds", "n-seeds", "num-seeds", "repeats", "random-seed"), SEEDS),
    "random-state": SEEDS,
    **dict.fromkeys(("force", "force-overwrite"), ("--overwrite", "--yes")),
    **dict.fromkeys(("continue", "restart"), ("--resume",)),
    **dict.fromkeys(("simulate", "plan", "estimate"), ("--dry-run",)),
    **dict.fromkeys(("optim", "solver"), ("--optimizer",)),
    **dict.fromkeys(("scheduler", "lr-scheduler", "lr-schedule"), ("--schedule",)),
    **dict.fromkeys(("silent", "no-progress"), ("--quiet",)),
    **dict.fromkeys(("no-color", "no-colour"), ("--color never",)),
    "json": ("--format json",),
    "csv": ("--format csv",),
    **dict.fromkeys(("timeout", "time-limit", "max-seconds"), ("--max-time",)),
    **dict.fromkeys(("beam", "beam-width", "num-beams"), ("--beam",)),
}
"""By the word without its dashes, what it may be called here, the likeliest first."""


def meaning(option: str, known: Collection[str]) -> str | None:
    """Return the name of another program's option in a command; None where it means nothing there.

    Args:
        option: As it was typed: '--learning_rate'.
        known: The options that the command has.
    """
    word = option.lstrip("-").partition("=")[0].casefold().replace("_", "-")
    called = (name for name in MEANINGS.get(word, ()) if name.partition(" ")[0] in known)
    return next(called, None)
