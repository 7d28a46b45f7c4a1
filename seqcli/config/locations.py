"""Locations of data: a file, two aligned files SOURCE::TARGET, or hf:NAME of the Hub."""

import os
from collections.abc import Callable
from pathlib import Path

HUB = "hf:"
ALIGNED = "::"


def hub_folder(location: str) -> str | None:
    """The folder of `hf:./FOLDER`, '~' being home; None where `hf:NAME` names a data set of the Hub."""
    name = location.removeprefix(HUB)
    if not name.startswith((".", "/", "~")):
        return None
    return os.path.expanduser(name)  # noqa: PTH111 - the home of nobody is a folder's name


def files(location: str, moved: Callable[[str], str] = str) -> tuple[str, ...]:
    """The files of a location in order, each moved: of SOURCE::TARGET both.

    A target that has no folder of its own, and is not there so, lies beside its source.
    """
    names = location.split(ALIGNED)
    places = [moved(name) if name else name for name in names]
    if len(names) == 2 and all(names):
        bare = names[1] == Path(names[1]).name
        if bare and not os.path.exists(places[1]):  # noqa: PTH110 - raises nothing
            places[1] = str(Path(places[0]).parent / names[1])
    return tuple(places)


def path_from(folder: Path, path: str) -> str:
    """The path as it is meant from a folder; '~' is home, and that of nobody a file's name."""
    return str(folder / os.path.expanduser(path))  # noqa: PTH111 - raises nothing


def relocated(location: str, moved: Callable[[str], str]) -> str:
    """The location with every path in it moved; the name of a data set of the Hub is no path."""
    if not location.startswith(HUB):
        return ALIGNED.join(files(location, moved))
    folder = hub_folder(location)
    if folder is None:
        return location
    place = moved(folder)
    return f"{HUB}{place}" if Path(place).is_absolute() else f"{HUB}./{place}"
