"""The next character of Python's own help pages: a text that every Python brings."""

import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.data.config import DataConfig
from seqcli.data.stream_preparation import StreamCorpus
from seqcli.data.stream_task import StreamTask
from seqcli.data.task import TaskPage
from seqcli.errors import UsageError

LICENCE = "Python Software Foundation License 2"


class HelpPages(StreamTask):
    """The pages of `help("topics")`, one after the other by name."""

    name: Name = "lm"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"tokenizer": "char", "batch_size": 32, "dropout": 0.1, "epochs": 20, "lr": 0.004}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="the next character of Python's help pages",
        source="pydoc_data.topics of the Python that runs seqcli: its text differs from version to version,"
        " and its SHA-256 is in every result",
        licence=LICENCE,
        size="79 pages, 465,048 characters in Python 3.11; the first 80 % to learn from",
        classes="103 different characters",
        lengths="one text in three parts; gradients flow back 100 characters (--bptt)",
        note="Bits per character and perplexity per word do not depend on the tokenizer: --tokenizer bpe may"
        " be held against char.",
    )

    def corpus(self, config: DataConfig) -> StreamCorpus:  # noqa: ARG002 the text is always the same
        """The pages.

        Raises:
            UsageError: This Python came without its help pages.
        """
        text = _topics()
        return StreamCorpus(
            name=self.name,
            parts={"train": lambda: _lines(text)},
            files={"train": "pydoc_data.topics"},
            source="Python's help pages (pydoc_data.topics)",
            licence=LICENCE,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
        )


def _topics() -> str:
    """All pages, in the order of their names.

    Raises:
        UsageError: They are not installed.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise UsageError(
            "this Python came without its help pages, pydoc_data.topics",
            "Install the whole standard library, or say --kind generate --data FILE.txt.",
        ) from None
    return "\n".join(topics[name] for name in sorted(topics))


def _lines(text: str) -> Iterator[str]:
    yield from text.splitlines(keepends=True)


TASK = HelpPages()
