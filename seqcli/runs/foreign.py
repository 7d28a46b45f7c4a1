"""Values in a run that no seqcli wrote: hashes prove that a file was not changed, not who made it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqcli.errors import RunError


@contextmanager
def foreign_values(folder: Path) -> Iterator[None]:
    """Turns what reading unfit values raises inside the block into an error of the run.

    Raises:
        RunError: A value is missing, of another type, not allowed, not text or nested too deeply.
    """
    try:
        yield
    except (ValueError, KeyError, TypeError, RecursionError) as error:  # pydantic's are ValueErrors
        told = str(error).splitlines() or [""]
        raise RunError(
            f"{folder} holds values that seqcli does not write: {type(error).__name__}: {told[0][:200]}",
            "Make the run again, or fetch an undamaged copy.",
        ) from error
