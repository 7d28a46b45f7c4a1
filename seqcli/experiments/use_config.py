"""The configuration of the commands that use a trained run: predict, evaluate, generate and translate."""

from __future__ import annotations

from pydantic import Field

from seqcli.config.settings import NonNegativeFloat, NonNegativeInt, PartOfAll, PositiveInt, Settings
from seqcli.data.pair_scores import BleuTokenizer
from seqcli.data.reading_values import LocalePair
from seqcli.experiments.setting_values import Device, Threads
from seqcli.models.seq2seq.search import SearchConfig


class PredictConfig(Settings):
    """The settings of labelling; the texts and files themselves belong to the command line."""

    threads: Threads = Field(default=1, description="threads to compute with")
    batch_size: PositiveInt = Field(default=256, description="texts that are labelled together")


class EvaluateConfig(PredictConfig):
    """The settings of evaluating; the run and the new data themselves belong to the command line."""

    worst: NonNegativeInt = Field(default=5, description="wrong answers to show, the most confident first")
    texts: bool = Field(default=True, description="show their texts")


class GenerateConfig(Settings):
    """The settings of writing on; the run and the prompt belong to the command line."""

    temperature: NonNegativeFloat = Field(
        default=1.0, description="how bold the choices are; 0 always takes the likeliest"
    )
    top_p: PartOfAll = Field(default=1.0, description="choose among the fewest tokens of this probability")
    length: PositiveInt = Field(default=500, description="tokens to write")
    seed: NonNegativeInt = Field(default=0, description="the seed of all choices")
    threads: Threads = Field(default=1, description="threads to compute with")


class TranslateConfig(SearchConfig):
    """The settings of translating; the texts and files themselves belong to the command line."""

    replace_unk: bool = Field(default=False, description="for unknown tokens, what attention looks at")
    pair: LocalePair | None = Field(default=None, description="the built-in pair when there is no run")
    bleu_tokenize: BleuTokenizer | None = Field(
        default=None, description="how BLEU finds words; none: by the references' script"
    )
    threads: Threads = Field(default=1, description="threads to compute with")
    batch_size: PositiveInt = Field(default=256, description="most sentences translated together")
    device: Device = Field(default="cpu", description="where to translate")
