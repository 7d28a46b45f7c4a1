"""Tasks that learn what comes next in one text: a new one says only where its text comes from."""

from abc import abstractmethod
from typing import ClassVar

from seqcli.data.cache import Cache
from seqcli.data.config import DECIDING, DataConfig
from seqcli.data.prepared import Prepared
from seqcli.data.stream_preparation import STREAM_KIND, StreamCorpus, build_stream, whole_recipe
from seqcli.data.task import WORD_VECTORS, Task
from seqcli.data.tokenizer import encoding_versions
from seqcli.errors import UsageError

_FORMAT = 1
"""Raised when the same text and configuration shall give other files."""


class StreamTask(Task):
    """A task that says what comes next at every step of a text."""

    kind: ClassVar[str] = STREAM_KIND
    reads: ClassVar[frozenset[str]] = frozenset({"metric", "bptt"}) | WORD_VECTORS

    @abstractmethod
    def corpus(self, config: DataConfig) -> StreamCorpus:
        """The text under a configuration; raises as `prepare`."""

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The text as ids, from the cache or newly encoded; raises as `Task.prepare`."""
        _check_options(config)
        corpus = self.corpus(config)
        key = {
            "format": _FORMAT,
            "kind": self.kind,
            **corpus.key(),
            "metric": config.metric,
            "bptt": config.bptt,
            "config": config.model_dump(mode="json", include=set(DECIDING)),
            **encoding_versions(),
        }
        return self.obtain(cache, key, lambda folder: build_stream(corpus, config, folder))


def _check_options(config: DataConfig) -> None:
    """Refuse options under which bits a character would not be the text's.

    Raises:
        UsageError: One of them.
    """
    whole_recipe(config.tokenizer)
    if config.vectors and config.tokenizer != "word":
        raise UsageError(
            f"--vectors are of words, and --tokenizer {config.tokenizer} reads other pieces",
            "Say --tokenizer word.",
        )
    if config.max_len is not None:
        raise UsageError(
            "--max-len does not apply to a text that is read as one stream", "--bptt N cuts back-propagation."
        )
