"""Where configuration files are looked for."""

import os
from collections.abc import Collection
from pathlib import Path

import platformdirs

from seqcli.config.layers import Layer
from seqcli.config.yaml_file import load

PROJECT_FILE = "seqcli.yaml"
"""The project's settings, in the working folder."""


def user_file() -> Path | None:
    """The user's settings, such as ~/.config/seqcli/config.yaml; None without a home folder."""
    folder = Path(platformdirs.user_config_dir("seqcli", appauthor=False))
    return folder / "config.yaml" if folder.is_absolute() else None


def file_layers(given: Path | None, path_keys: Collection[str] = ()) -> tuple[Layer, ...]:
    """The layers of the configuration files, highest rank first.

    `-c FILE` stands in the place of the project's `seqcli.yaml`, which is then not read: a named
    configuration means the same in every folder.

    Args:
        given: The file of `-c`; None without one.
        path_keys: The settings whose values are paths, as for `yaml_file.load`.

    Raises:
        UsageError: A file that is there cannot be read or is not a configuration.
    """
    project = Path(PROJECT_FILE)
    files = [given or (project if _is_there(project) else None), user_file()]
    return tuple(
        load(file, path_keys) for file in files if file is not None and (file == given or _is_there(file))
    )


def _is_there(path: Path) -> bool:
    """Whether anything has this path; a folder that may not be looked into holds nothing for us."""
    return os.access(path, os.F_OK)
