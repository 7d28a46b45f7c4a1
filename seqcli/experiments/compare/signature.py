"""The line that names a result, and what the cache remembers under it, so that it can be run again."""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from seqcli import __version__
from seqcli.data.cache import cache_folder
from seqcli.errors import OutOfMemoryError, RunError, StorageError
from seqcli.experiments.legs import torch_version
from seqcli.results.compare import Comparison
from seqcli.results.record import Record
from seqcli.results.sweep import Sweep
from seqcli.runs import strict_json
from seqcli.runs.sealed import read_record, write_record
from seqcli.runs.storage import storage_faults
from seqcli.runs.temporary import sweep_files

SignedResult = Comparison | Sweep
DOT = " · "
DIGEST = re.compile(r"#([0-9a-f]{10})\b")
"""How a signature ends: the name under which the cache remembers the comparison."""

FOLDER = "comparisons"


class Remembered(Record):
    """The record of a finished comparison in the cache.

    Attributes:
        config: The configuration that decides it.
        result: Its JSON document.
    """

    config: dict[str, object]
    result: dict[str, object]


def signature(  # noqa: PLR0913 - all but two by name
    data: str,
    models: Sequence[str],
    *,
    width: int,
    match: str,
    seeds: Sequence[int],
    device: str,
    folds: int = 0,
) -> str:
    """One line that names what was compared, on what, and with which numerics.

    Args:
        data: The task and the beginning of its source's SHA-256: 'sentiment@d4acac55'.
        models: The models as written.
        width: H of those that name none.
        match: What is held equal.
        seeds: In order.
        device: The device and what ran the recurrences there.
        folds: Of a cross-validation, how many test sets; 0 for none.
    """
    version = ".".join(torch_version().split("+", maxsplit=1)[0].split(".")[:2])
    shapes = f"{'+'.join(models)} h{width}"
    parts = (
        f"seqcli {__version__}",
        data,
        shapes,
        f"match {match}",
        f"{folds} folds, {seed_text(seeds)}" if folds else seed_text(seeds),
        f"torch {version} {device}",
    )
    return DOT.join(parts)


def seed_text(seeds: Sequence[int]) -> str:
    """Seeds in words: 'seed 3', 'seeds 0–4', 'seeds 1,5,9'."""
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    if list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"seeds {seeds[0]}–{seeds[-1]}"
    return "seeds " + ",".join(map(str, seeds))


def signed(
    result: SignedResult, config: Mapping[str, object], identity: Mapping[str, object]
) -> SignedResult:
    """The result with its configuration, and its signature ended by the name of both.

    Args:
        result: What was found.
        config: All settings that decide it.
        identity: What else does: the data's SHA-256, the numerics.
    """
    digest = strict_json.digest([config, identity])[:10]
    parts = [_every_match(part, config) for part in result.signature.split(DOT)]
    in_order = json.loads(json.dumps(dict(config), sort_keys=True))  # as it is when it is read back
    return result.model_copy(update={"signature": DOT.join((*parts, f"#{digest}")), "config": in_order})


def _every_match(part: str, config: Mapping[str, object]) -> str:
    """The protocol's part of a signature with all protocols of the study, of which a result knows its own."""
    protocols = config.get("match")
    if not part.startswith("match ") or not isinstance(protocols, list | tuple):
        return part
    return f"match {','.join(map(str, protocols))}"


def remember(result: SignedResult) -> None:
    """Keep a complete result in the cache under its digest, the first of that name.

    A cache that takes no more loses only this.
    """
    name = digest_of(result.signature)
    if name is None or result.status != "complete" or recollection(name) is not None:
        return
    record = Remembered(config=result.config, result=result.to_json())
    with suppress(StorageError, OutOfMemoryError):
        path = memory_file(name)
        with storage_faults(path, needed=0):
            path.parent.mkdir(parents=True, exist_ok=True)
            sweep_files(path.parent)
        write_record(path, record.to_json())


def recollection(digest: str) -> Remembered | None:
    """Return the cache's record of that name; None where there is none, or its file was changed."""
    try:
        return Remembered.from_json(read_record(memory_file(digest)))
    except (RunError, StorageError, ValueError):
        return None


def digest_of(text: str) -> str | None:
    """The digest that a signature ends with, or that stands alone, with or without its #."""
    if re.fullmatch(r"[0-9a-f]{10}", text):
        return text
    match = DIGEST.search(text)
    return match[1] if match else None


def memory_file(digest: str) -> Path:
    """Return the cache's file for the comparison of that name."""
    return cache_folder() / FOLDER / f"{digest}.json"
