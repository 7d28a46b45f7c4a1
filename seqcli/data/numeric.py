"""Numbers where texts are expected: read as words, each is a sign whose size says nothing."""

import re
from collections.abc import Iterable

from seqcli.data.tables import quoted
from seqcli.errors import DataError

_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")


def refuse_numbers(texts: Iterable[str], name: str, column: str, option: str) -> None:
    """Refuse a column of which every text is one number.

    Args:
        texts: The column's texts.
        name: The table, for messages.
        column: The column, for messages.
        option: What names another column: '--text-column'.

    Raises:
        DataError: Every text that says anything is a number.
    """
    first = ""
    for text in texts:
        if text.strip() and not _NUMBER.fullmatch(text):
            return
        first = first or text.strip()
    if first:
        raise DataError(
            f"{name}: every value of column {quoted(column)} is a number, such as {quoted(first)}; "
            "as a word it would say nothing of its size",
            f"Choose another column with {option}, or read digit by digit with --tokenizer char. "
            "To learn from your own series of numbers is not in seqcli yet.",
        )
