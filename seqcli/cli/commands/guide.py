"""`seqcli guide`: the study guide's thirteen claims, put to the test on this machine."""

from typing import TYPE_CHECKING

from seqcli.cli import options, pictures
from seqcli.cli.flags import RESEARCH, Given, Parts, Positional, chosen, flags, takes

if TYPE_CHECKING:
    from seqcli.cli.signals import StopSignals
    from seqcli.experiments.guide.config import GuideConfig
    from seqcli.results.guide import Guide

OWN_DATA = (
    *("data", "text_column", "label_column", "train", "valid", "test", "encoding", "sep"),
    *("tokenizer", "vocab_size", "max_len"),
)
"""The options of a person's own labelled texts."""

OWN_FLAGS = chosen(options.data, OWN_DATA)

PARTS: Parts = (
    Positional("claims", "only these claims, by number (1 to 13)", "[CLAIM]...", many=True),
    *flags(
        options.RUN,
        """
        --[no-]quick  few seeds, short sequences: under half an hour on two cores
        --seeds N     seeds of every part, their number or list (default: each part's own)
        """,
    ),
    *OWN_FLAGS,
    *flags(options.RUN, "--device NAME  auto, cpu, cuda or mps (default auto)"),
    *options.side_by_side,
    *chosen(options.shared_store, ("store", "lost_after", "on", "strict")),
    *options.resuming,
    *options.configuration,
    *flags(
        options.RUN,
        "-n, --dry-run  say what each part would do and how long it would take; nothing is trained",
        setting=False,
    ),
    *options.result,
    *pictures.FLAGS,
    *options.output,
)


USUAL = (
    "quick",
    "seeds",
    "data",
    "text_column",
    "label_column",
    "jobs",
    "out",
    "dry_run",
    "report",
    "format",
)
"""The options that `-h` shows."""


@takes(*PARTS, panel=RESEARCH, usual=USUAL)
def guide(given: Given) -> None:
    """Test the guide's claims on RNN, LSTM, GRU and Seq2Seq; the same command continues a stopped run.

    seqcli guide --quick --dry-run
    seqcli guide 6 8 --quick
    """
    from seqcli.cli.repeat import repeat_command
    from seqcli.cli.resolve import check_again
    from seqcli.cli.run import check_format, configure, follow, show_result
    from seqcli.cli.signals import StopSignals
    from seqcli.experiments.compare.store import open_store
    from seqcli.experiments.guide.config import GuideConfig
    from seqcli.experiments.guide.run_guide import run_guide
    from seqcli.experiments.work import shared_cache
    from seqcli.reports.progress.board import WorkAhead
    from seqcli.reports.words.claims import refuse_unknown
    from seqcli.reports.words.worded import worded_guide
    from seqcli.results.guide import Guide

    check_format(given)
    drawn = pictures.check_pictures(given)
    check_again(given)
    config = configure(
        GuideConfig, PARTS, {**given, "claims": list(map(claim_number, given.get("claims") or ()))}
    )
    if config is None:
        return
    refuse_unknown(config.claim_numbers)
    stop = StopSignals()
    if given["dry_run"]:
        _estimate(config, stop)
        return
    with (
        shared_cache(config.store),
        open_store(
            config.out,
            config=config.deciding,
            identity=config.identity,
            overwrite=given["overwrite"],
            shared=config.store is not None,
        ) as store,
    ):
        result = store.stored(Guide)
        if result is None:
            result = worded_guide(
                follow(run_guide(config, store, stop), "compare", given, stop=stop, work=WorkAhead())
            )
            store.commit(result)
    show_result(result, given)
    drawn.draw(result, lambda: repeat_command("guide", GuideConfig, PARTS, given))
    check_parts(result)


def _estimate(config: "GuideConfig", stop: "StopSignals") -> None:
    """Write how long each part would take."""
    from seqcli.cli.run import print_lines
    from seqcli.experiments.compare.store import Store, store_folder
    from seqcli.experiments.guide.run_guide import estimate_guide
    from seqcli.reports.words.estimate_words import estimate_line

    print_lines(map(estimate_line, estimate_guide(config, Store(store_folder(config.out)), stop)))


def check_parts(result: "Guide") -> None:
    """Refuse to end well where a part failed.

    Raises:
        LegsFailedError: One did.
    """
    from seqcli.errors import LegsFailedError

    failed = [part for part in result.parts if part.failed is not None]
    if failed:
        raise LegsFailedError(f"{len(failed)} of {len(result.parts)} parts failed; the others are shown")


def claim_number(text: str) -> int:
    """The number that the text is.

    Raises:
        UsageError: It is none.
    """
    from seqcli.errors import UsageError

    if not (text.isascii() and text.isdecimal()):
        raise UsageError(f"claim {text!r} is not a number", "Name claims by number, such as 6 8.")
    return int(text)


COMMAND = guide
