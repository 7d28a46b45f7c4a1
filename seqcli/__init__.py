"""seqcli trains and compares recurrent models and says, with evidence, which one to use.

In Python as on the command line: `seqcli.compare("lstm", "gru", data="tickets.csv")`. A function is loaded
when it is first asked for, and torch when something is computed.
"""

from importlib import import_module

__version__ = "0.1.0"

__all__ = ["SeqcliError", "compare", "conclude", "evaluate", "gradprobe", "load", "predict", "train"]

ROOM = "seqcli.api.calls"
"""By its name: as an import it would be a circle, for every room takes the version from here."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'seqcli' has no attribute {name!r}")
    return getattr(import_module("seqcli.errors" if name == "SeqcliError" else ROOM), name)


def __dir__() -> list[str]:
    return sorted((*globals(), *__all__))
