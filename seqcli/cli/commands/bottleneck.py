"""`seqcli bottleneck`: what a fixed context vector loses with length, from finished runs."""

from pathlib import Path

from seqcli.cli import options
from seqcli.cli.options import Flag, Given, Positional, takes

PARTS = (
    Positional("runs", "runs of seq2seq models, or a comparison's folder of them", "RUN...", many=True),
    Flag("format", "table, json, csv, markdown … (default table)", metavar="NAME", setting=False),
    *options.output,
)


@takes(*PARTS)
def bottleneck(given: Given) -> None:
    """Tell quality by source length, where it falls to half, and what attention changes."""
    from seqcli.cli.run import check_format, show_result
    from seqcli.errors import UsageError

    check_format(given)
    if not given["runs"]:
        raise UsageError("bottleneck needs runs", "For example: seqcli bottleneck runs/none runs/attention")
    from seqcli.experiments.bottleneck import find_runs, measure, read_runs

    show_result(measure(read_runs(find_runs([Path(run) for run in given["runs"]]))), given)


COMMAND = bottleneck
