"""JSON lines, one a sentence, a label for every word: {"tokens": ["It", "is"], "tags": ["PRP", "VBZ"]}."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from seqcli.data.config import DataConfig
from seqcli.data.files import Content, ending
from seqcli.data.labels import as_label
from seqcli.data.sources.jsonl import SOURCE, line_objects
from seqcli.data.tables import quoted
from seqcli.data.tagged import LabelledWords, Sentence, TaggedFile, whole
from seqcli.errors import ColumnsError, DataError, SeqcliError, UsageError

WORD_KEYS = ("tokens", "words", "token", "word")
LABEL_KEYS = ("tags", "labels", "ner_tags", "pos_tags", "upos", "tag", "label")
"""The usual names of the two lists, the most usual first."""

_EXAMPLE = 'Each line is one sentence: {"tokens": ["Anna", "works"], "tags": ["NNP", "VBZ"]}.'


class TaggedLines(LabelledWords):
    """Labelled words in JSON lines, each a list of words and the list of their labels."""

    def sentences(self) -> Iterator[Sentence]:
        """All sentences, in the file's order.

        Raises:
            DataError: The file cannot be read, lacks a list, or two lists differ in length; says the line.
            UsageError: `--sep` was given.
        """
        if self.config.sep is not None:
            raise UsageError(f"--sep is for columns, but {self.location} holds JSON lines", "Drop --sep.")
        empty = True
        for number, record in line_objects(self.content, self.config.encoding):
            where = f"{self.name}, line {number}"
            word_key, label_key = list_keys(record, self.config, where)
            words = [_word(value, word_key, where) for value in _list(record, word_key, where)]
            labels = [_label(value, label_key, where) for value in _list(record, label_key, where)]
            if len(words) != len(labels):
                raise DataError(
                    f"{where}: {len(words):,} words under {quoted(word_key)} and {len(labels):,} labels under"
                    f" {quoted(label_key)}",
                    "Every word needs its label: both lists are of one length.",
                )
            if words:
                empty = False
                yield Sentence(tuple(words), tuple(labels), number)
        if empty:
            raise DataError(f"{self.name} holds no sentence", _EXAMPLE)


def tagged_source(location: str, config: DataConfig) -> LabelledWords:
    """The file of labelled words at a location, by the format that its name tells."""
    return TaggedLines(location, config) if SOURCE.reads(location) else TaggedFile(location, config)


def list_keys(record: Mapping[str, Any], config: DataConfig, where: str) -> tuple[str, str]:
    """The keys of words and labels: as the options say, or by their usual names.

    Raises:
        ColumnsError: A line has none of them; lists the keys it has.
    """
    chosen = []
    for option, named, usual in (
        ("--text-column", config.text_column, WORD_KEYS),
        ("--label-column", config.label_column, LABEL_KEYS),
    ):
        known = [key for key in ((named,) if named else usual) if key in record]
        if not known:
            missing = quoted(named) if named else "words" if option == "--text-column" else "labels"
            has = ", ".join(map(quoted, list(record)[:10])) or "none"
            raise ColumnsError(
                f"{where} has no list of {missing}; its keys: {has}", f"Say its key with {option}. {_EXAMPLE}"
            )
        chosen.append(known[0])
    return chosen[0], chosen[1]


def holds_sentences(location: str, config: DataConfig) -> bool:
    """Return whether the first line of a file of JSON lines is a list of words beside one of labels."""
    if ending(location) not in (".jsonl", ".ndjson"):
        return False
    with suppress(SeqcliError):  # whoever reads the data tells what is wrong with it
        for number, record in line_objects(Content(location), config.encoding):
            keys = list_keys(record, config, f"{location}, line {number}")
            return all(isinstance(record[key], list) for key in keys)
    return False


def _list(record: Mapping[str, Any], key: str, where: str) -> Sequence[object]:
    """A record's list.

    Raises:
        DataError: It is none.
    """
    values = record[key]
    if not isinstance(values, list):
        raise DataError(f"{where}: {quoted(key)} is not a list", _EXAMPLE)
    return values


def _word(value: object, key: str, where: str) -> str:
    """A word as it is spelt, in NFC.

    Raises:
        DataError: It is no string, or empty.
    """
    word = unicodedata.normalize("NFC", whole(value.strip())) if isinstance(value, str) else ""
    if not word:
        raise DataError(
            f"{where}: {quoted(str(value))} under {quoted(key)} is no word", "Words are strings, not empty."
        )
    return word


def _label(value: object, key: str, where: str) -> str:
    """A label.

    Raises:
        DataError: It is neither a string nor a whole number, or empty.
    """
    known = isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
    label = as_label(whole(str(value))) if known else None
    if label is None:
        raise DataError(
            f"{where}: {quoted(str(value))} under {quoted(key)} is no label",
            "Labels are strings or whole numbers, none empty.",
        )
    return label
