"""`SEQCLI_*` environment variables as a layer of settings."""

import difflib
from collections.abc import Collection, Mapping

from seqcli.config.assignments import typed
from seqcli.config.faults import Fault, shortened, usage_error
from seqcli.config.layers import Setting, flat_name

PREFIX = "SEQCLI_"


def load(environ: Mapping[str, str], known: Collection[str]) -> dict[str, Setting]:
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
