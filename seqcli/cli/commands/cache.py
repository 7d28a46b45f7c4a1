"""`seqcli cache`: what is kept unasked so that nothing is done twice, and its removal."""

from seqcli.cli import options
from seqcli.cli.completion import cache_parts, verbs
from seqcli.cli.flags import OPTIONS, RESULTS, Given, Positional, flags, takes


@takes(
    Positional(
        "words",
        "`list` (nothing does the same), or `clear` with the parts that go: data, legs, baselines, cost,"
        " timings, kernels, comparisons, translators, looks (default: all but looks)",
        "[list|clear] [PART...]",
        many=True,
        values=verbs("list", "clear", then=cache_parts),
    ),
    *flags(OPTIONS, "--yes  really remove; without it clear only says what would go", setting=False),
    *options.result,
    *options.output,
    panel=RESULTS,
)
def cache(given: Given) -> None:
    """List what is kept for later commands, or clear it; results kept with --out are not touched.

    seqcli cache
    seqcli cache clear data --yes
    """
    from seqcli.cli.run import check_format, show_result
    from seqcli.errors import UsageError
    from seqcli.experiments.cache_contents import cache_contents, clear_cache

    check_format(given)
    action, *names = given["words"] or ("list",)
    if action == "clear":
        show_result(clear_cache(names, remove=given["yes"]), given)
        return
    if action not in ("list", "ls") or names:
        raise UsageError(
            f"cache takes `list` or `clear`, got {' '.join([action, *names])!r}",
            "Write: seqcli cache, or seqcli cache clear --yes",
        )
    if given["yes"]:
        raise UsageError("--yes belongs to `seqcli cache clear`", "Drop it.")
    show_result(cache_contents(), given)


COMMAND = cache
