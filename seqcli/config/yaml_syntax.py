"""PyYAML's syntax errors in plain words: which line, what is wrong with it, what to write."""

from collections.abc import Callable
from typing import NamedTuple

from yaml import MarkedYAMLError

from seqcli.errors import UsageError


class _Plain(NamedTuple):
    """What to say for one kind of error; `opened` blames the line where the construct began."""

    problem: str
    message: str
    hint: str
    opened: bool = False


_UNCLOSED = "The quote, bracket or brace that opens in this line must be closed."

_PLAIN = (
    _Plain("found character '\\t'", "a tab", "Indent and separate with spaces: YAML takes no tabs."),
    _Plain("found character", "a value cannot begin with this sign", "Put the value in quotes."),
    _Plain(
        "mapping values are", "a ':' where no setting can begin", "Check the indentation, or quote the text."
    ),
    _Plain(
        "could not find expected ':'", "not of the form 'name: value'", "Is a colon missing?", opened=True
    ),
    _Plain("expected <block end>", "does not fit the lines above", "Check the indentation and the quotes."),
    _Plain("found unexpected end of stream", "a quote is never closed", _UNCLOSED, opened=True),
    _Plain("found unexpected document separator", "a quote is never closed", _UNCLOSED, opened=True),
    _Plain("expected ',' or", "a list or group is not closed, or a comma is missing", _UNCLOSED, opened=True),
    _Plain("found unknown escape", "not an escape", "Write backslashes in single quotes, or double them."),
    _Plain(
        "expected escape sequence", "not an escape", "Write backslashes in single quotes, or double them."
    ),
    _Plain(
        "expected alphabetic or numeric", "'&' and '*' begin anchors and aliases", "Put the text in quotes."
    ),
    _Plain("expected the node content", "no value can begin here", "Put the text in quotes."),
    _Plain("sequence entries are not", "a list's '-' stands at the beginning of a line", "Or write [a, b]."),
)


def plain_fault(error: MarkedYAMLError, place: Callable[[int], str]) -> UsageError:
    """The error for people.

    Args:
        error: What PyYAML raised.
        place: A line's name for people, from its number: 'exp.yaml:12'.
    """
    problem = error.problem or "unknown"
    known = next((plain for plain in _PLAIN if problem.startswith(plain.problem)), None)
    opened = known is not None and known.opened
    mark = (error.context_mark if opened else None) or error.problem_mark
    line = mark.line + 1 if mark else 1
    message, hint = (known.message, known.hint) if known else (f"not YAML: {problem}", None)
    return UsageError(f"{place(line)}: {message}", hint)
