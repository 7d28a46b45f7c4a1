"""A manifest names every committed file with its size and SHA-256, so that any changed byte is found."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from seqcli.errors import RunError, SeqcliError, UsageError
from seqcli.runs import strict_json
from seqcli.runs.reading import read_file
from seqcli.runs.run_names import check_name

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
            StorageError: The disk fails.
        """
        if name not in self.files:
            raise RunError(f"{folder} has no {name}", f"Its files: {', '.join(sorted(self.files))}.")
        path, record = folder / name, self.files[name]
        content = read_file(path, at_most=record.size)
        if FileRecord.of(content) != record:
            raise RunError(f"{path} was changed or cut after it was committed (its SHA-256 differs)")
        return content

    def faults(self, folder: Path) -> Iterator[SeqcliError]:
        """Return the faults of the files, one each; none when all are as committed."""
        for name in sorted(self.files):
            try:
                self.read(folder, name)
            except SeqcliError as error:
                yield error


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
