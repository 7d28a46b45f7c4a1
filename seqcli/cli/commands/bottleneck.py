"""`seqcli bottleneck`: what a fixed context vector loses with length, from finished runs."""

import shlex
from pathlib import Path

from seqcli.cli import options, pictures
from seqcli.cli.flags import OPTIONS, RESEARCH, Given, Parts, Positional, flags, takes

PARTS: Parts = (
    Positional("runs", "runs of seq2seq models, or a comparison's folder of them", "RUN...", many=True),
    *flags(OPTIONS, "--format NAME  table, json, csv, markdown … (default table)", setting=False),
    *pictures.picture_flags("quality by length, the fitted curves, L50 and the dose"),
    *options.output,
)


@takes(*PARTS, panel=RESEARCH)
def bottleneck(given: Given) -> None:
    """Tell quality by source length, where it falls to half, and what attention changes.

    seqcli bottleneck runs/none runs/attention --plot lengths.png
    """
    from seqcli.cli.run import check_format, show_result
    from seqcli.errors import UsageError

    check_format(given)
    drawn = pictures.check_pictures(given)
    if not given["runs"]:
        raise UsageError("bottleneck needs runs", "For example: seqcli bottleneck runs/none runs/attention")
    from seqcli.experiments.bottleneck import measure
    from seqcli.experiments.run_scores import find_runs, read_runs
    from seqcli.reports.words.worded import worded_claims

    result = worded_claims(measure(read_runs(find_runs([Path(run) for run in given["runs"]]))))
    show_result(result, given)
    drawn.draw(result, lambda: shlex.join(["seqcli", "bottleneck", *map(str, given["runs"])]))


COMMAND = bottleneck
