"""A manifest names every committed file with its size and SHA-256, so that any changed byte is found.

Names are checked: they become a part of a path, and folders become run directories.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from seqcli.errors import RunError, SeqcliError, UsageError, disk_fault
from seqcli.runs import strict_json
from seqcli.runs.storage import read_parts

_LONGEST_NAME = 200  # bytes; leaves room for `.tmp-…` in the 255 that disks allow
_LONGEST_PATH = 3000  # bytes; leaves room for a run's own files in the 4,096 that systems allow


def check_name(name: str) -> str:
    """The name, if it can be one file or folder and nothing else.

    Raises:
        UsageError: It is empty, starts with a dot or hyphen, holds a path separator or a character that
            cannot be shown, or has more than 200 bytes.
    """
    _check_part(name, "name")
    if not name or name.startswith((".", "-")) or "/" in name or "\\" in name:
        raise UsageError(
            f"the name {name!r} cannot be a file name",
            "A name has at least one character, no / or \\, and does not start with a dot or hyphen.",
        )
    return name


def check_out(path: Path) -> Path:
    """The absolute path with links resolved, if a run directory may be there; creates nothing.

    Raises:
        UsageError: A part of the path cannot be shown or is too long.
        RunError: It is a file or below one, the root or the home folder.
    """
    for part in path.parts:
        _check_part(part, "folder name")
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise UsageError(f"the path has {len(os.fsencode(path)):,} bytes; at most {_LONGEST_PATH:,} work")
    folder = _resolve(path)
    hint = "Each run has a folder of its own, such as runs/NAME."
    if folder == Path(folder.anchor):
        raise RunError(f"{path} is the root of the disk, not a run directory", hint)
    if folder == _home():
        raise RunError(f"{path} is your home folder, not a run directory", hint)
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise RunError(f"{place} is a file, not a folder", hint)
    return folder


def _check_part(part: str, noun: str) -> None:
    if not part.isprintable() and _has_unshowable(part):
        raise UsageError(
            f"the {noun} {part[:80]!r} holds a character that cannot be shown",
            "Use letters, digits, spaces and the usual signs.",
        )
    if len(os.fsencode(part)) > _LONGEST_NAME:
        raise UsageError(
            f"the {noun} {part[:40]!r}… has {len(os.fsencode(part)):,} bytes",
            f"At most {_LONGEST_NAME} bytes are allowed.",
        )


def _has_unshowable(text: str) -> bool:
    """Return whether it holds controls or bidirectional marks; undecodable bytes of old disks may pass."""
    return any(not char.isprintable() and not "\udc80" <= char <= "\udcff" for char in text)


def _resolve(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links; RuntimeError before Python 3.13
        if (fault := disk_fault(error)) is not None:
            raise fault from error
        raise RunError(f"{path} cannot be followed to a folder: {error}") from error


def _home() -> Path | None:
    try:
        return Path.home().resolve()
    except (OSError, RuntimeError):  # HOME is unset, or a loop of links
        return None


# A hundred bytes a file: 16 MiB are more files than a run can have.
LARGEST_MANIFEST = 1 << 24
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class FileRecord:
    """A committed file: its size in bytes and the SHA-256 of its content in hexadecimal."""

    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> "FileRecord":
        """The record of a content."""
        return cls(size=len(content), sha256=hashlib.sha256(content).hexdigest())


@dataclass(frozen=True)
class Manifest:
    """The committed files of one folder.

    Attributes:
        schema: What the folder is, with the version of its layout: 'seqcli.run/1'.
        files: Each file's record by its name.
        facts: What else belongs to the folder; JSON values.
    """

    schema: str
    files: Mapping[str, FileRecord]
    facts: Mapping[str, object]

    @classmethod
    def of(cls, schema: str, contents: Mapping[str, bytes], facts: Mapping[str, object]) -> "Manifest":
        """The manifest of these files."""
        return cls(schema, {name: FileRecord.of(content) for name, content in contents.items()}, facts)

    def joined(self, files: Mapping[str, FileRecord]) -> "Manifest":
        """The manifest of these files and more."""
        return Manifest(self.schema, {**self.files, **files}, self.facts)

    def encode(self) -> bytes:
        """The one spelling of this manifest.

        Raises:
            ValueError: A fact is not strict JSON.
        """
        files = {name: {"bytes": entry.size, "sha256": entry.sha256} for name, entry in self.files.items()}
        return strict_json.document({"schema": self.schema, "files": files, "facts": dict(self.facts)})

    def read(self, folder: Path, name: str) -> bytes:
        """The content of one of the files, checked.

        Raises:
            RunError: The manifest does not name it, or it is missing, a link, or not what was committed.
        """
        return b"".join(self.pieces(folder, name))

    def pieces(self, folder: Path, name: str) -> Iterator[bytes]:
        """The same, some bytes at a time; raises as `read`, for another content at its end."""
        if name not in self.files:
            raise RunError(f"{folder} has no {name}", f"Its files: {', '.join(sorted(self.files))}.")
        return read_pieces(folder / name, self.files[name])

    def faults(self, folder: Path) -> Iterator[SeqcliError]:
        """Return the faults of the files, one each; none when all are as committed."""
        for name in sorted(self.files):
            try:
                for _ in self.pieces(folder, name):
                    pass
            except SeqcliError as error:
                yield error


def read_pieces(path: Path, record: FileRecord) -> Iterator[bytes]:
    """The content of a committed file, some bytes at a time.

    Raises:
        RunError: It is missing or a link; or, at its end, it is not what was committed.
        StorageError: The disk does not give it.
    """
    size, hashed = 0, hashlib.sha256()
    # No more than was committed is read: a file that grew cannot fill the memory.
    for part in read_parts(path, at_most=record.size):
        size += len(part)
        hashed.update(part)
        yield part
    if FileRecord(size, hashed.hexdigest()) != record:
        raise RunError(f"{path} was changed or cut after it was committed (its SHA-256 differs)")


def decode(content: bytes, path: Path) -> Manifest:
    """The manifest that `encode` spelt as these bytes.

    Args:
        content: The file's bytes.
        path: The file, for messages.

    Raises:
        RunError: It is damaged: not what `encode` writes, to the byte.
    """
    try:
        manifest = _from_json(strict_json.parse_object(content))
        # One spelling only: any changed byte shows, even where JSON would read the same.
        intact = manifest.encode() == content
    except (ValueError, KeyError, UsageError) as error:
        raise RunError(f"{path} is damaged: {error}") from error
    if not intact:
        raise RunError(f"{path} is damaged: it is not as seqcli writes it")
    return manifest


def _from_json(value: dict[str, object]) -> Manifest:
    schema, files, facts = value["schema"], value["files"], value["facts"]
    if not (isinstance(schema, str) and isinstance(files, dict) and isinstance(facts, dict)):
        raise ValueError("its fields have other types")  # noqa: TRY004 - one kind of error for bad content
    return Manifest(schema, {check_name(name): _record(entry) for name, entry in files.items()}, facts)


def _record(entry: object) -> FileRecord:
    match entry:
        case {"bytes": int(size), "sha256": str(sha256)} if size >= 0 and _SHA256.fullmatch(sha256):
            return FileRecord(size, sha256)
    raise ValueError("a file's record has no size or SHA-256")
