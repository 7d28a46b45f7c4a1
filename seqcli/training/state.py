"""The whole state of a training run as named tensors and JSON, and back, to the same bytes."""

import re
from collections.abc import Iterable, Mapping

import safetensors.torch
import torch
from torch import Tensor, nn

from seqcli.errors import RunError
from seqcli.training.loop import Position, Training

WEIGHTS_FILE = "weights.safetensors"
OPTIMISER_FILE = "optimizer.safetensors"
BEST_FILE = "best.safetensors"
CARRIED_FILE = "carried.safetensors"
"""The state that the next step starts from, where data goes on from one step to the next."""
EPOCH_FILE = re.compile(r"epoch-([1-9][0-9]{0,8})\.safetensors")


def to_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Tensors in the safetensors format; the same tensors give the same bytes.

    Weights that stand under two names (tied embeddings) are written under both: the format knows no sharing.
    """
    plain: dict[str, Tensor] = {}
    written: set[int] = set()
    for name, tensor in sorted(tensors.items()):
        own = tensor.detach().cpu().contiguous()
        plain[name] = own.clone() if own.untyped_storage().data_ptr() in written else own
        written.add(own.untyped_storage().data_ptr())
    return safetensors.torch.save(plain)


def from_bytes(content: bytes, where: str) -> dict[str, Tensor]:
    """The tensors back from memory, on the CPU.

    Raises:
        RunError: The content is not in the safetensors format.
    """
    try:
        return safetensors.torch.load(content)
    except Exception as error:  # safetensors raises its own class and several of Python's
        raise RunError(f"{where} is not a readable safetensors file: {error}") from error


def check_widths(content: bytes, widths: Mapping[str, object], vocab_size: int, where: str) -> None:
    """Refuse a configuration whose network could not be in its weights' file, before any of it is made.

    Args:
        content: The weights' file.
        widths: The configuration; `hidden`, `layers` and `embedding` are looked at.
        vocab_size: Ids of the embedding.
        where: The run, for messages.

    Raises:
        RunError: A recurrent matrix (H, H) a layer, or the embedding, alone would be larger than the file.
    """
    sizes = [widths.get(name) for name in ("hidden", "layers", "embedding")]
    hidden, layers, embedding = (size if isinstance(size, int) else 0 for size in sizes)
    if 4 * max(layers * hidden**2, vocab_size * embedding) > len(content):  # 4 bytes a float32
        raise RunError(
            f"{where}: a model with hidden={hidden}, layers={layers}, embedding={embedding} and a vocabulary "
            f"of {vocab_size:,} is not in weights of {len(content):,} bytes",
            "The configuration was changed: make the run again, or fetch an undamaged copy.",
        )


def load_weights(network: nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """Fill `network` with `tensors`, which must fit exactly and be finite.

    Raises:
        RunError: A name is missing or unknown, or a shape, dtype or value is wrong.
    """
    expected = network.state_dict()
    for name in sorted(expected.keys() | tensors.keys()):
        if name not in tensors or name not in expected:
            raise RunError(f"{where}: weight {name} is {'missing' if name in expected else 'unknown'}")
        declared, stored = expected[name], tensors[name]
        if declared.shape != stored.shape or declared.dtype != stored.dtype:
            raise RunError(
                f"{where}: weight {name} is {stored.dtype} {tuple(stored.shape)}, "
                f"the model has {declared.dtype} {tuple(declared.shape)}"
            )
        if not torch.isfinite(stored).all():
            raise RunError(f"{where}: weight {name} has values that are not finite")
    network.load_state_dict(dict(tensors))


def capture(training: Training) -> tuple[dict[str, object], dict[str, bytes]]:
    """A checkpoint's JSON state and its files."""
    slots = training.optimiser.state_dict()["state"]
    optimiser = {f"{index}.{name}": value for index, slot in slots.items() for name, value in slot.items()}
    files = {
        WEIGHTS_FILE: to_bytes(training.network.state_dict()),
        OPTIMISER_FILE: to_bytes(optimiser),
        BEST_FILE: to_bytes(training.best_weights),
        **epoch_files(training),
    }
    if training.network.carried is not None:
        parts = {str(number): part for number, part in enumerate(training.network.carried)}
        files[CARRIED_FILE] = to_bytes(parts)
    return training.position.to_json(), files


def restore(training: Training, state: Mapping[str, object], files: Mapping[str, bytes]) -> None:
    """Put `training` where `capture` found it.

    Raises:
        RunError: The files do not fit this model.
    """
    load_weights(training.network, from_bytes(files[WEIGHTS_FILE], WEIGHTS_FILE), WEIGHTS_FILE)
    slots: dict[int, dict[str, Tensor]] = {}
    for key, value in from_bytes(files[OPTIMISER_FILE], OPTIMISER_FILE).items():
        index, _, name = key.partition(".")
        slots.setdefault(int(index), {})[name] = value
    groups = training.optimiser.state_dict()["param_groups"]
    training.optimiser.load_state_dict({"state": slots, "param_groups": groups})
    training.best_weights = {
        name: value.to(training.device) for name, value in from_bytes(files[BEST_FILE], BEST_FILE).items()
    }
    training.epoch_weights = {
        number: {key: value.to(training.device) for key, value in from_bytes(files[name], name).items()}
        for number, name in kept_epochs(files).items()
    }
    if CARRIED_FILE in files:
        parts = from_bytes(files[CARRIED_FILE], CARRIED_FILE)
        training.network.carried = tuple(parts[name].to(training.device) for name in sorted(parts, key=int))
    training.position = Position.from_json(state)


def epoch_files(training: Training) -> dict[str, bytes]:
    """The weights after each epoch that is kept, by file name."""
    return {f"epoch-{n}.safetensors": to_bytes(weights) for n, weights in training.epoch_weights.items()}


def kept_epochs(names: Iterable[str]) -> dict[int, str]:
    """Those of the files' names that `epoch_files` gave, by the number of their epoch, in order."""
    matches = map(EPOCH_FILE.fullmatch, names)
    return dict(sorted((int(match[1]), match[0]) for match in matches if match is not None))
