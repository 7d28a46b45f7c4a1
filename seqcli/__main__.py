"""The console script and `python -m seqcli`; signals are handled before anything else is imported."""

import sys

from seqcli.cli.signals import SignalReceived, end_at_signals
from seqcli.cli.streams import open_closed_streams


def run() -> None:
    """Run the command line that this process was started with, and end with its exit code."""
    try:
        end_at_signals()
        open_closed_streams()
        from seqcli.cli.main import execute

        code = execute(sys.argv[1:])
    except SignalReceived as received:  # before the command itself could say so
        code = received.exit_code
    sys.exit(code)


if __name__ == "__main__":
    run()
