"""The settings of `seqcli translate`: how it searches, what it shows, and where; imports no torch."""

from pydantic import Field

from seqcli.config.numbers import PositiveInt
from seqcli.data.config import LocalePair
from seqcli.data.pair_scores import BleuTokenizer
from seqcli.experiments.config import Device
from seqcli.models.seq2seq.search import SearchConfig


class TranslateConfig(SearchConfig):
    """What decides the translations of a run; the texts and files themselves belong to the command line."""

    replace_unk: bool = Field(default=False, description="for unknown tokens, what attention looks at")
    pair: LocalePair | None = Field(default=None, description="the built-in pair when there is no run")
    bleu_tokenize: BleuTokenizer | None = Field(
        default=None, description="how BLEU finds words; none: by the references' script"
    )
    threads: PositiveInt = Field(default=1, description="threads to compute with")
    batch_size: PositiveInt = Field(default=256, description="most sentences translated together")
    device: Device = Field(default="cpu", description="where to translate")
