"""Where configuration files are looked for."""

import os
from collections.abc import Collection
from pathlib import Path

import platformdirs

from seqcli.config.layers import Layer, check_known, select
from seqcli.config.yaml_file import load

PROJECT_FILE = "seqcli.yaml"
"""The project's settings, in the working folder."""


def user_file() -> Path | None:
    """The user's settings, such as ~/.config/seqcli/config.yaml; None without a home folder."""
    folder = Path(platformdirs.user_config_dir("seqcli", appauthor=False))
    return folder / "config.yaml" if folder.is_absolute() else None


def file_layers(
    given: Path | None,
    known: Collection[str],
    *,
    every: Collection[str],
    paths: Collection[str] = (),
    locations: Collection[str] = (),
) -> tuple[Layer, ...]:
    """The layers of the configuration files, highest rank first.

    `-c FILE` stands in the place of the project's `seqcli.yaml`, which is then not read: a named
    configuration means the same in every folder. The standing files serve all commands, so what they set for
    others is passed over; what no command knows is refused.

    Args:
        given: The file of `-c`; None without one.
        known: The settings of this command.
        every: The settings of all commands.
        paths: The settings whose values are paths, as for `yaml_file.load`.
        locations: The settings that say where data lies, likewise.

    Raises:
        UsageError: A file that is there cannot be read or is not a configuration, or a standing file sets
            what no command knows.
    """
    layers: list[Layer] = [load(given, paths, locations)] if given else []
    standing = [user_file()] if given else [Path(PROJECT_FILE), user_file()]
    for file in standing:
        if file is not None and _is_there(file):
            layer = load(file, paths, locations)
            check_known(layer, every)
            layers.append(select(layer, known))
    return tuple(layers)


def _is_there(path: Path) -> bool:
    """Whether anything has this path; a folder that may not be looked into holds nothing for us."""
    return os.access(path, os.F_OK)
