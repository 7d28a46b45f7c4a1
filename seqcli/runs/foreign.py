"""Values in a run that no seqcli wrote: hashes prove that a file was not changed, not who made it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqcli.errors import DataError, RunError

_AGAIN = "Make the run again, or fetch an undamaged copy."


@contextmanager
def foreign_values(folder: Path) -> Iterator[None]:
    """Turns what reading unfit values raises inside the block into an error of the run.

    Raises:
        RunError: A value is missing, of another type, not allowed, not text or nested too deeply.
    """
    try:
        yield
    except DataError as error:
        raise RunError(f"{folder}: {error.message}", error.hint or _AGAIN) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:  # pydantic's are ValueErrors
        told = str(error).splitlines() or [""]
        raise RunError(
            f"{folder} holds values that seqcli does not write: {type(error).__name__}: {told[0][:200]}",
            _AGAIN,
        ) from error
