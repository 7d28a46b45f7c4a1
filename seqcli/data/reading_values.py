"""Values of settings that say where files lie, how they are read, and how texts become ids."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from seqcli.config.names import Known, OneLine
from seqcli.config.settings import Allowed, PositiveInt, not_allowed
from seqcli.data.tokenizer import SPECIALS, TOKENIZERS, recipe_of
from seqcli.data.tokenizer_json import LARGEST_WINDOW

_SEPARATORS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


def _location(text: str) -> str:
    """The text itself.

    Raises:
        ValueError: It holds a control character, which no path that a person means holds.
    """
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError("a control character")
    return text


Location = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=4096),
    AfterValidator(_location),
    Allowed("a data file's path, or hf:NAME for a data set of the Hugging Face Hub"),
]
"""A data file's path or `hf:NAME`; whether something is there is for the one who opens it."""


def _encoding(name: str) -> str:
    """The name itself.

    Raises:
        ValueError: Python has no text encoding of that name.
    """
    try:
        "".encode(name)
    except (LookupError, UnicodeError):
        raise ValueError("not a text encoding") from None
    return name


Encoding = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=40),
    AfterValidator(_encoding),
    Allowed("a text encoding such as utf-8, latin-1, cp1252, utf-16, euc-kr or gb18030"),
]
"""The name of one of Python's text encodings."""


def _separator(text: str) -> str:
    """The one character that a separator's name or the text itself means.

    Raises:
        ValueError: It is not one character, or one that cannot separate columns.
    """
    character = _SEPARATORS.get(text.casefold(), text)
    if len(character) != 1 or character in '"\r\n\0':
        raise ValueError("not a separator")
    return character


def _column_names(value: object) -> object:
    """One name, or a list of them, as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


ColumnNames = Annotated[
    tuple[OneLine, ...],
    Field(min_length=1),
    BeforeValidator(_column_names),
    Allowed("columns' names, the option repeated or commas between them"),
]
"""One or more columns."""

Separator = Annotated[
    str,
    Field(strict=True, max_length=20),
    AfterValidator(_separator),
    Allowed("one character such as ',' ';' '|', or the word tab"),
]
"""The character between columns."""


def _fitting_recipe(text: str) -> str:
    """The text itself.

    Raises:
        PydanticCustomError: The tokenizer takes no such settings.
    """
    try:
        recipe_of(text)
    except ValueError:
        raise not_allowed(TOKENIZERS_ALLOWED) from None
    return text


TOKENIZERS_ALLOWED = (
    f"word, char, bpe, bpe:N with N ids from {len(SPECIALS) + 256} on, kmer:K of K letters or"
    f" kmer:K:STRIDE, each from 1 to {LARGEST_WINDOW}"
)

TokenizerName = Annotated[
    str,
    Known("tokenizer", TOKENIZERS.names, ended_by=":"),
    Field(max_length=40),
    AfterValidator(_fitting_recipe),
]
"""A tokenizer, with settings of its own behind its name or without: 'bpe', 'bpe:4000', 'kmer:3'."""


LocalePair = Annotated[
    str,
    Field(strict=True, max_length=60, pattern=r"^[A-Za-z0-9_]{2,28}-[A-Za-z0-9_]{2,28}$"),
    Allowed("two locales such as en-ko or en-pt_BR"),
]
"""The locales of sources and targets."""

StepLimit = Annotated[PositiveInt, Field(le=10_000), Allowed("a whole number from 1 to 10,000")]
"""How long generated sequences may be."""


FoldCount = Annotated[PositiveInt, Field(ge=2, le=100), Allowed("a whole number from 2 to 100")]
"""Test sets of a cross-validation."""
