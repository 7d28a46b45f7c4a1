"""Signs of texts that were spoilt on their way into a file: wrong decoding, lost characters, markup."""

import re
import unicodedata
from collections.abc import Iterable

from seqcli.data.files import Content
from seqcli.results.text_facts import Oddity, OdditySort

_MARK = b"\xef\xbb\xbf"
_MARKUP = re.compile(r"<(?:br|p|div|span|a|b|i)\b[^>]*>|&(?:amp|lt|gt|quot|nbsp|#\d+);", re.IGNORECASE)
_LAYOUT = "\t\n\r\x0b\x0c\x85\u2028\u2029"


def text_oddities(rows: Iterable[tuple[int, str]]) -> list[Oddity]:
    """The oddities of texts, each with the number of rows that hold it and the first of them."""
    counts: dict[OdditySort, int] = {}
    first: dict[OdditySort, int] = {}
    for row, text in rows:
        for sort in _sorts(text):
            counts[sort] = counts.get(sort, 0) + 1
            first.setdefault(sort, row)
    return [Oddity(sort=sort, rows=count, first=first[sort]) for sort, count in sorted(counts.items())]


def byte_order_mark(location: str) -> list[Oddity]:
    """The mark that some programs write before UTF-8, if the file begins with it; it is passed over."""
    with Content(location).opened() as file:
        return [Oddity(sort="byte order mark", rows=0)] if file.read(len(_MARK)) == _MARK else []


def _sorts(text: str) -> list[OdditySort]:
    sorts: list[OdditySort] = []
    if not text.strip():
        return ["no text"]
    if not text.isascii():
        sorts += ["mojibake"] if is_mojibake(text) else []
        sorts += ["replacement character"] if "\ufffd" in text else []
    if any(unicodedata.category(sign) == "Cc" and sign not in _LAYOUT for sign in text):
        sorts.append("control character")
    if _MARKUP.search(text):
        sorts.append("markup")
    return sorts


_BEYOND = re.compile(r"[^\x00-\x7f]+")


def is_mojibake(text: str) -> bool:
    """Return whether stretches beyond ASCII are UTF-8 that was read as Windows' or Western European."""
    # A stretch of two or more signs that all spell single bytes, which together are valid UTF-8, is no word
    # of any language: 'Ã©' is 'é'.
    stretches = _BEYOND.findall(text)
    return any(_repaired(stretch) != stretch for stretch in stretches if len(stretch) > 1)


def _repaired(text: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text
