"""Checkpoints: `step-N` folders that are whole or absent, and are believed only after their SHA-256 agree."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seqcli.errors import RunError, SeqcliError, StorageError
from seqcli.runs import strict_json
from seqcli.runs.atomic import write_folder
from seqcli.runs.manifest import LARGEST_MANIFEST, Manifest, check_name, decode
from seqcli.runs.run_layout import MANIFEST_FILE
from seqcli.runs.storage import read_file, storage_faults, sync_folder
from seqcli.runs.temporary import remove_folder, set_aside, sweep_folders

CHECKPOINT_SCHEMA = "seqcli.checkpoint/1"
STATE_FILE = "state.json"
_FOLDER = re.compile(r"step-(\d{1,18})(?:\.(\d{1,9}))?")
_KEPT = 2  # the newest, and the one before it for the day when the newest does not verify


@dataclass(frozen=True)
class Checkpoint:
    """One checkpoint as it was committed.

    Attributes:
        step: The step after which it was made.
        state: What the loop needs beside the files; JSON values.
        files: The contents by name, read into memory and verified.
    """

    step: int
    state: Mapping[str, object]
    files: Mapping[str, bytes]


@dataclass
class Checkpoints:
    """The checkpoints of one run, whose lock the caller holds.

    `step-N` is made whole under another name and appears by one rename; a second, different checkpoint of
    the same step is `step-N.1`.

    Args:
        folder: Where they are; made with the first one.

    Attributes:
        warnings: The bad checkpoints met so far, one sentence each.
    """

    folder: Path
    warnings: list[str] = field(default_factory=list)

    def commit(self, step: int, *, state: Mapping[str, object], files: Mapping[str, bytes]) -> None:
        """Commits a checkpoint, then removes all but it and the one before.

        Nothing older is touched before the new one has been read back and verified.

        Raises:
            ValueError: The step is negative, a file is called as one of ours, or the state is not strict
                JSON.
            UsageError: A file's name cannot be one.
            StorageError: The disk is full or fails; the older checkpoints are intact.
        """
        contents = _contents(state, files)
        contents[MANIFEST_FILE] = Manifest.of(CHECKPOINT_SCHEMA, contents, {"step": step}).encode()
        self._make_folder()
        place = self._free_place(step)
        write_folder(place, contents)
        self._confirm(place, step)
        for older in [path for path in self._newest_first() if _order(path) < _order(place)][_KEPT - 1 :]:
            remove_folder(older)

    def latest_verified(self) -> Checkpoint | None:
        """The newest checkpoint whose every file is as committed; None when there is none.

        Newest is the highest step, never the latest time. Bad ones on the way are renamed to `step-N.bad-…`
        and told in `warnings`. One that the disk does not give now is told and left as it is: that is no
        damage.

        Raises:
            StorageError: A bad one cannot be renamed, or there are some and the disk gives none of them.
        """
        unreadable: StorageError | None = None
        for path in self._newest_first():
            try:
                return _load(path)
            except StorageError as error:
                unreadable = unreadable or error
                self.warnings.append(f"checkpoint {path.name} is not used: {error.message}")
            except RunError as error:
                quarantine = set_aside(path)
                self.warnings.append(
                    f"checkpoint {path.name} is not used: {error.message} (kept as {quarantine.name})"
                )
        if unreadable is not None:
            raise unreadable
        return None

    def saved(self) -> Iterator[Checkpoint]:
        """Every checkpoint, the oldest first, for reading. Changes nothing.

        Raises:
            RunError: One is damaged.
        """
        for path in reversed(self._newest_first()):
            yield _load(path)

    def newest_file(self, name: str) -> bytes | None:
        """A file of the newest checkpoint that has it undamaged; None where none does. Changes nothing."""
        for path in self._newest_first():
            try:
                manifest_file = path / MANIFEST_FILE
                content = read_file(manifest_file, at_most=LARGEST_MANIFEST)
                return decode(content, manifest_file).read(path, name)
            except SeqcliError:
                continue
        return None

    def steps(self) -> list[int]:
        """The steps of all checkpoints in ascending order, verified or not."""
        return [_order(path)[0] for path in reversed(self._newest_first())]

    def problems(self) -> Iterator[str]:
        """Return the faults of the checkpoints, one sentence for each bad one. Changes nothing."""
        return (fault.message for fault in self.faults())

    def faults(self) -> Iterator[SeqcliError]:
        """The same as the faults that reading them raises."""
        for path in self._newest_first():
            try:
                _load(path)
            except SeqcliError as error:
                yield error

    def clear(self) -> None:
        """Removes all checkpoints, the oldest first, and the folder unless it holds bad ones."""
        for path in reversed(self._newest_first()):
            remove_folder(path)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            with storage_faults(self.folder):
                self.folder.rmdir()

    def sweep(self) -> None:
        """Removes what attempts that died left half made or half removed."""
        if self.folder.is_dir():
            sweep_folders(self.folder, _FOLDER.pattern)

    def _make_folder(self) -> None:
        if not self.folder.is_dir():
            with storage_faults(self.folder, needed=0):
                self.folder.mkdir()
                sync_folder(self.folder.parent)

    def _newest_first(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        with storage_faults(self.folder):
            folders = [path for path in self.folder.iterdir() if _FOLDER.fullmatch(path.name)]
        return sorted(folders, key=_order, reverse=True)

    def _free_place(self, step: int) -> Path:
        if step < 0:
            raise ValueError(f"a step cannot be negative, got {step}")
        numbers = [_order(path)[1] for path in self._newest_first() if _order(path)[0] == step]
        return self.folder / (f"step-{step}.{max(numbers) + 1}" if numbers else f"step-{step}")

    def _confirm(self, place: Path, step: int) -> None:
        try:
            _load(place)
        except RunError as error:
            set_aside(place)
            raise StorageError(
                f"the disk does not give back the checkpoint of step {step} as written: {error.message}",
                "The checkpoint before it is intact. Check the disk, then give the same command again.",
            ) from error


def _contents(state: Mapping[str, object], files: Mapping[str, bytes]) -> dict[str, bytes]:
    for name in files:
        if check_name(name) in {STATE_FILE, MANIFEST_FILE}:
            raise ValueError(f"{name} is the name of a checkpoint's own file")
    return {**files, STATE_FILE: strict_json.document(dict(state))}


def _order(path: Path) -> tuple[int, int]:
    match = _FOLDER.fullmatch(path.name)
    if match is None:
        raise ValueError(f"{path} is not a checkpoint's name")
    return int(match[1]), int(match[2] or 0)


def _load(path: Path) -> Checkpoint:
    if path.is_symlink():
        raise RunError(f"{path} is a symbolic link; seqcli follows none inside a run directory")
    manifest_file = path / MANIFEST_FILE
    manifest = decode(read_file(manifest_file, at_most=LARGEST_MANIFEST), manifest_file)
    step = _order(path)[0]
    is_complete = manifest.facts == {"step": step} and STATE_FILE in manifest.files
    if manifest.schema != CHECKPOINT_SCHEMA or not is_complete:
        raise RunError(f"{manifest_file} is damaged: it is not that of step {step}")
    contents = {name: manifest.read(path, name) for name in manifest.files}
    try:
        state = strict_json.parse_object(contents.pop(STATE_FILE))
    except ValueError as error:
        raise RunError(f"{path / STATE_FILE} is damaged: {error}") from error
    return Checkpoint(step, state, contents)
