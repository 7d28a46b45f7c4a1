"""Layers of settings beside YAML's: `--set`, `SEQCLI_*` variables, and where files are looked for."""

import difflib
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import platformdirs

from seqcli.config.faults import Fault, shortened, shown, shown_key, usage_error
from seqcli.config.layers import Layer, Setting, check_known, flat_name, select
from seqcli.config.yaml_file import load, parse_value, read_scalar
from seqcli.errors import UsageError


def parse_assignments(assignments: Iterable[str]) -> dict[str, Setting]:
    """The settings that a command line's `--set key=value` give; each one's origin is '--set key'.

    Raises:
        UsageError: No '=', no key, a key given twice, or a value that `typed` refuses.
    """
    settings: dict[str, Setting] = {}
    for assignment in assignments:
        written, equals, text = assignment.partition("=")
        key = flat_name(written.strip())
        if not equals or not key:
            raise UsageError(
                f"--set {shortened(repr(assignment))} is not key=value", "Write --set hidden=64."
            )
        origin = f"--set {shown_key(key)}"
        setting = Setting(typed(text, origin), origin)
        if key in settings:
            first = settings[key].value
            raise UsageError(
                f"{origin} is given twice: {shown(first)} and {shown(setting.value)}", "Drop one."
            )
        settings[key] = setting
    return settings


def typed(text: str, origin: str) -> object:
    """The value that text from outside a file stands for, by the rules of YAML files.

    Text in quotes, and lists in brackets, are read as YAML; all else is one unquoted word, in which ':', '#',
    ',' and the other signs of YAML mean nothing: `--set sep=,` needs no quotes beyond the shell's.

    Args:
        text: The value as received.
        origin: Where it was received: '--set hidden', 'SEQCLI_HIDDEN', '--hidden'.

    Raises:
        UsageError: Quotes or brackets that are not closed, or text that is not valid Unicode.
    """
    word = text.strip(" ")
    if any("\ud800" <= character <= "\udfff" for character in word):
        raise UsageError(f"{origin}: {shortened(repr(text))} is not valid text in this locale's encoding")
    return parse_value(word, lambda _line: origin) if word.startswith(("'", '"', "[")) else read_scalar(word)


PREFIX = "SEQCLI_"


def environment_layer(environ: Mapping[str, str], known: Collection[str]) -> dict[str, Setting]:
    """The settings that the environment gives; each one's origin is its variable.

    `SEQCLI_BATCH_SIZE=32` is `batch_size`, `SEQCLI_TASK__LENGTH=100` is `task.length`. An empty variable is
    one that is not set. Other variables are not looked at.

    Args:
        environ: The environment: `os.environ`.
        known: The names that may be set so; pass those of all commands, and take what one needs by `select`.

    Raises:
        UsageError: A variable that begins with SEQCLI_ and names no known setting, or an unreadable value.
    """
    settings: dict[str, Setting] = {}
    faults = []
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or not text:
            continue
        key = flat_name(variable[len(PREFIX) :].lower().replace("__", "."))
        if key in known:
            settings[key] = Setting(typed(text, variable), variable)
        else:
            faults.append(Fault(None, _unknown(variable, known)))
    if faults:
        raise usage_error(faults, "Unset it, or correct its name.")
    return settings


def variable_name(key: str) -> str:
    """The variable of a setting: 'task.length' is SEQCLI_TASK__LENGTH."""
    return PREFIX + key.upper().replace(".", "__")


def _unknown(variable: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(variable, [variable_name(key) for key in known], n=1)
    suggestion = f"; did you mean {near[0]}?" if near else ""
    return f"the environment variable {shortened(repr(variable)[1:-1])} sets nothing{suggestion}"


PROJECT_FILE = "seqcli.yaml"
"""The project's settings, in the working folder."""


def user_file() -> Path | None:
    """The user's settings, such as ~/.config/seqcli/config.yaml; None without a home folder."""
    folder = Path(platformdirs.user_config_dir("seqcli", appauthor=False))
    return folder / "config.yaml" if folder.is_absolute() else None


def file_layers(
    config_file: Path | None,
    known: Collection[str],
    *,
    all_settings: Collection[str],
    paths: Collection[str] = (),
    locations: Collection[str] = (),
) -> tuple[Layer, ...]:
    """The layers of the configuration files, highest rank first.

    `-c FILE` stands in the place of the project's `seqcli.yaml`, which is then not read: a named
    configuration means the same in every folder. The standing files serve all commands, so what they set for
    others is passed over; what no command knows is refused.

    Args:
        config_file: The file of `-c`; None without one.
        known: The settings of this command.
        all_settings: The settings of all commands.
        paths: The settings whose values are paths, as for `yaml_file.load`.
        locations: The settings that say where data lies, likewise.

    Raises:
        UsageError: A file that is there cannot be read or is not a configuration, or a standing file sets
            what no command knows.
    """
    layers: list[Layer] = [load(config_file, paths, locations)] if config_file else []
    standing = [user_file()] if config_file else [Path(PROJECT_FILE), user_file()]
    for file in standing:
        if file is not None and _is_there(file):
            layer = load(file, paths, locations)
            check_known(layer, all_settings)
            layers.append(select(layer, known))
    return tuple(layers)


def _is_there(path: Path) -> bool:
    """Return whether anything has this path; a folder that may not be looked into holds nothing for us."""
    return os.access(path, os.F_OK)
