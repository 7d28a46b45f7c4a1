"""`seqcli generate`: a run writes a text on."""

from collections.abc import Iterator
from pathlib import Path

from seqcli.experiments.use_config import GenerateConfig
from seqcli.training.language_writer import LanguageWriter
from seqcli.training.process import settle_process


def open_writer(folder: Path, config: GenerateConfig) -> LanguageWriter:
    """Return a run's language model, in the threads that the configuration says.

    Raises:
        RunError: It is no run of a language model whose weights can be used.
    """
    settle_process(config.threads)
    return LanguageWriter.open(folder)


def written_on(writer: LanguageWriter, prompt: str, config: GenerateConfig) -> Iterator[str]:
    """Yield the text that follows a prompt, as it is written."""
    return writer.pieces(
        prompt,
        length=config.length,
        temperature=config.temperature,
        top_p=config.top_p,
        seed=config.seed,
    )
