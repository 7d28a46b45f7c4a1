"""`list`, `show NAME` or NAME alone: which page of `seqcli tasks` and `seqcli models` is asked for."""

from collections.abc import Sequence

from seqcli.cli import options
from seqcli.cli.completion import CompletedValues, verbs
from seqcli.cli.flags import Parts, Positional


def page_parts(noun: str, names: CompletedValues) -> Parts:
    """The arguments and options of such a command.

    Args:
        noun: What a name stands for: 'task'.
        names: The names there are.
    """
    about = f"`list` (nothing does the same), or a {noun}'s name for its page; `show NAME` is the same"
    values = verbs("list", "show", then=names)
    words = Positional("words", about, "[list|show] [NAME]", many=True, values=values)
    return (words, *options.result, *options.output)


def asked_page(words: Sequence[str], command: str, known: Sequence[str]) -> str | None:
    """The name whose page is asked for; None for the list.

    Raises:
        UsageError: More than one name, or `show` without one.
    """
    from seqcli.errors import UsageError

    rest = list(words[1:]) if words and words[0] in ("list", "ls", "show") else list(words)
    shows = bool(words) and words[0] == "show"
    lists = bool(words) and words[0] in ("list", "ls")
    if len(rest) > 1 or (shows and not rest) or (lists and rest):
        raise UsageError(
            f"{command} takes `list`, or one name",
            f"Such as: seqcli {command} {known[-1]}. Known {command}: {', '.join(known)}.",
        )
    return rest[0] if rest else None
