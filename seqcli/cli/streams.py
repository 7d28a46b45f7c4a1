"""The three standard streams, whatever the shell did to them; imports nothing heavy."""

import os
import sys

_MODES = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_WRONLY, "w"), ("stderr", os.O_WRONLY, "w"))


def open_closed_streams() -> None:
    """Point closed streams (`<&- >&- 2>&-`) nowhere.

    A file that is opened later would take a closed one's number, and be written to by whoever prints.
    """
    for name, flags, mode in _MODES:
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, flags)
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", errors="replace"))


def silence_stdout() -> None:
    """Whoever read us has gone: what is still buffered goes nowhere, quietly."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
