"""A trained encoder-decoder read back from its run directory, ready for raw text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqcli.data.pair_scores import BleuTokenizer, known_bleu_tokenizer
from seqcli.data.pair_tokenizer import PairTokenizer, closed_up
from seqcli.data.pairs import one_line
from seqcli.data.tokenizer import BOS, EOS, UNK
from seqcli.errors import UsageError
from seqcli.models.architecture import DataShape
from seqcli.models.architectures.seq2seq import ARCHITECTURE
from seqcli.models.seq2seq.beam import Hypothesis, beam_search
from seqcli.models.seq2seq.greedy import greedy, output_limits
from seqcli.models.seq2seq.search import SearchConfig
from seqcli.models.seq2seq.seq2seq_network import Seq2Seq
from seqcli.models.seq2seq.stepper import Stepper
from seqcli.results.line_answers import Doubt
from seqcli.runs.finished_run import TaskRecord
from seqcli.runs.run_layout import TOKENIZER_FILE
from seqcli.training.predictor import UsableRun, usable_run

TOKENS_AT_ONCE = 16_384
"""Padded source tokens, times the beam's width, that are translated together."""
SENTENCES_AT_ONCE = 256
"""Sources that are translated together at most, however short they are."""
WEIGHTS_AT_ONCE = 2**20
"""Attention's weights that are worked out together."""
LONGEST = 10_000
"""Tokens that are read of a source; memory grows with them."""

BYTES_A_CHARACTER = 1.5
"""Tokens a character from which on a text counts as spelt in bytes: known scripts need at most about 1."""

UNLEARNT = 0.9
"""The share of letters spelt by single bytes from which on their script counts as never learnt."""

UNSEEN = "\U0010fffd"
"""A character of private use, which no training text is likely to hold."""


@dataclass(frozen=True)
class TranslatorOutput:
    """One translation of a text.

    Attributes:
        text: As people read it.
        score: What it is ranked by; its log-probability where nothing else is.
    """

    text: str
    score: float


@dataclass
class LeftOut:
    """Unknown tokens that translations do not show, for they have no text; the best of each text counts.

    Attributes:
        tokens: How many.
        texts: In how many translations.
    """

    tokens: int = 0
    texts: int = 0

    def add(self, best: Hypothesis) -> None:
        """Count those of one translation."""
        unknown = best.ids.count(UNK)
        self.tokens += unknown
        self.texts += unknown > 0


@dataclass(frozen=True)
class Alignment:
    """The weights of attention over the source for each piece that was written.

    Attributes:
        source: The source's pieces as people read them (T).
        target: The translation's pieces, '⏎' for its end (U).
        weights: (U, T), each row adds up to 1.
    """

    source: list[str]
    target: list[str]
    weights: NDArray[np.float32]


def readable(
    source: Sequence[tuple[str, int]], target: Sequence[tuple[str, int]], weights: NDArray[np.float32]
) -> Alignment:
    """Attention over pieces that people can read, where several tokens may spell one character.

    What is paid to the tokens of one piece adds up; over those that write one piece it is the mean, so that
    each row still adds up to 1.

    Args:
        source: Each source piece and its number of tokens.
        target: Each written piece and its number of tokens.
        weights: Attention token by token.
    """
    columns, rows = (np.cumsum([0, *(count for _, count in side[:-1])]) for side in (source, target))
    columns = columns[columns < weights.shape[1]]  # of a source that was cut, what was read
    summed = np.add.reduceat(weights, columns, axis=1)
    counts = np.array([[count] for _, count in target], dtype=np.float32)
    means = np.add.reduceat(summed, rows, axis=0) / counts
    source_pieces = source[: len(columns)]
    return Alignment(
        [text for text, _ in source_pieces], [text for text, _ in target], means.astype(np.float32)
    )


class Translator:
    """A run's best weights on raw text.

    Args:
        network: With its weights, in evaluation mode.
        tokenizer: The run's own.
        task: What its data was.
    """

    def __init__(self, network: Seq2Seq, tokenizer: PairTokenizer, task: TaskRecord) -> None:
        self.network = network
        self.tokenizer = tokenizer
        self.task = task
        self._stepper: Stepper | None = None
        self._with_tables = False
        self._tokens = 0
        self.batch_size = SENTENCES_AT_ONCE
        self.left_out = LeftOut()
        self.note = ""
        self.bleu_tokenize: BleuTokenizer | None = None
        """How BLEU finds words where the run's training was told so."""

    @classmethod
    def open(cls, folder: Path, device: str = "cpu") -> "Translator":
        """Read a run directory.

        Raises:
            RunError: As `usable_run`, or it is no seq2seq model's.
        """
        with usable_run(folder) as run:
            return cls._read(run, device)

    @classmethod
    def _read(cls, run: UsableRun, device: str) -> "Translator":
        task = run.task
        if task.kind not in ARCHITECTURE.kinds:
            raise run.of_another_kind("translates nothing")
        tokenizer = PairTokenizer.load(run.read(TOKENIZER_FILE).decode())
        shape = DataShape(
            kind=task.kind,
            vocab_size=tokenizer.source.vocab_size,
            input_size=0,
            output_size=tokenizer.target.vocab_size,
            shared_vocabulary=tokenizer.shared,
        )
        translator = cls(run.network(shape, Seq2Seq).to(torch.device(device)), tokenizer, task)
        translator.note = run.note
        translator.bleu_tokenize = known_bleu_tokenizer(run.config.get("bleu_tokenize"))
        return translator

    @property
    def has_attention(self) -> bool:
        """Return whether its decoder looks back at the source."""
        return self.network.decoder.attention is not None

    def check_attention(self, option: str) -> None:
        """Refuse what only attention can tell.

        Raises:
            UsageError: The run's model has none.
        """
        if not self.has_attention:
            raise UsageError(
                f"{option} needs attention, and this run's model has none",
                "Train one that has: seqcli train seq2seq:attention=luong ….",
            )

    def translate(
        self, texts: Sequence[str], search: SearchConfig, *, replace_unk: bool = False
    ) -> list[list[TranslatorOutput]]:
        """The best translations of each text, best first, in order; of a blank text one blank.

        Args:
            texts: Raw text; line breaks count as blanks.
            search: How to look for them.
            replace_unk: Whether an unknown token becomes the source's piece that attention weighs most.
        """
        outputs: list[list[TranslatorOutput]] = [[TranslatorOutput("", 0.0)] for _ in texts]
        plain = [one_line(text) for text in texts]
        places = [i for i, text in enumerate(plain) if text]
        sources = [ids[:LONGEST] for ids in self.tokenizer.source.encode(plain[i] for i in places)]
        for chosen in batches([len(ids) for ids in sources], search.beam, self.batch_size):
            searched = self.search([sources[i] for i in chosen], search)
            for i, hypotheses in zip(chosen, searched, strict=True):
                source = plain[places[i]] if replace_unk else None
                if not replace_unk:
                    self.left_out.add(hypotheses[0])
                outputs[places[i]] = [
                    TranslatorOutput(self._spelt(hypothesis, source), hypothesis.score)
                    for hypothesis in hypotheses
                ]
        return outputs

    def align(self, text: str, search: SearchConfig | None = None) -> Alignment:
        """Return the weights of attention over a text while its translation is written.

        Args:
            text: The source.
            search: How to look for the translation; None is greedy.
        """
        source = next(iter(self.tokenizer.source.encode([one_line(text)])))[:LONGEST]
        ids = self.search([source], search or SearchConfig(beam=1))[0][0].ids
        weights = self._weights(source, [*ids, EOS])
        return readable(
            self.tokenizer.source.spans(one_line(text)),
            [*self.tokenizer.target.spelt(ids), ("⏎", 1)],
            weights,
        )

    @torch.inference_mode()
    def search(self, sources: Sequence[NDArray[np.int32]], search: SearchConfig) -> list[list[Hypothesis]]:
        """Return the hypotheses of each source, best first."""
        ids, lengths = self._padded(sources)
        stepper = self._stepper_for(ids.numel())
        start = stepper.begin(ids, lengths)
        if not search.is_greedy:
            return beam_search(stepper, start, lengths, search)
        limits = output_limits(lengths)
        if search.max_output_len is not None:
            limits = limits.clamp(max=search.max_output_len)
        rows = greedy(stepper, start, limits).tolist()
        return [[self._unscored(row)] for row in rows]

    def _stepper_for(self, tokens: int) -> Stepper:
        """The network as search runs it; its tables pay once there are more tokens than words."""
        self._tokens += tokens
        tables = self._tokens > len(self.network.words)
        if self._stepper is None or tables != self._with_tables:
            self._stepper, self._with_tables = self.network.stepper(tables=tables), tables
        return self._stepper

    @property
    def writes_unknown(self) -> bool:
        """Return whether its tokenizer has texts that it cannot spell: one of bytes has none."""
        target = self.tokenizer.target
        return target.spaced or bool((next(iter(target.encode([UNSEEN]))) == UNK).any())

    def doubts(self, texts: Sequence[str]) -> list[Doubt | None]:
        """Return what of each text makes its translation doubtful, None where nothing does.

        It is cut, longer than any that was learnt from, or of words or signs that were not.
        """
        plain = [one_line(text) for text in texts]
        return [
            self._doubt(text, ids) if text else None
            for text, ids in zip(plain, self.tokenizer.source.encode(plain), strict=True)
        ]

    def _doubt(self, text: str, ids: NDArray[np.int32]) -> Doubt | None:
        count, unknown = len(ids), int((ids == UNK).sum())
        if count > LONGEST:
            return Doubt("cut", "translation", tokens=count, limit=LONGEST)
        if unknown == count:
            return Doubt("unknown", "translation", tokens=count)
        if count > BYTES_A_CHARACTER * len(text) and self._spells_bytes(text):
            return Doubt("bytes", "translation", tokens=count)
        if count > self.task.max_len:
            return Doubt("longer", "translation", tokens=count, limit=self.task.max_len)
        if unknown:
            return Doubt("partly unknown", "translation", tokens=count, unknown=unknown)
        return None

    def _spells_bytes(self, text: str) -> bool:
        """Return true where nearly all letters beyond ASCII are spelt by single bytes: none of it was learnt.

        A script that was learnt has pieces of several bytes, however few the vocabulary leaves room for; a
        known dash among unknown letters says nothing of these.
        """
        beyond = [(piece, count) for piece, count in self.tokenizer.source.spans(text) if not piece.isascii()]
        unlearnt = sum(len(piece) for piece, count in beyond if count == len(piece.encode()))
        return unlearnt > UNLEARNT * sum(len(piece) for piece, _ in beyond)

    def source_lengths(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has."""
        return [len(ids) for ids in self.tokenizer.source.encode(map(one_line, texts))]

    @staticmethod
    def _unscored(row: list[int]) -> Hypothesis:
        """A greedy output; its score is left out, for it costs as much again as finding it."""
        ended = EOS in row
        ids = row[: row.index(EOS)] if ended else [i for i in row if i]
        return Hypothesis(ids, 0.0, 0.0, ended)

    @torch.no_grad()
    def _weights(self, source: NDArray[np.int32], words: list[int]) -> NDArray[np.float32]:
        """Attention's weights (U, T) while these words, their end included, are written."""
        ids, lengths = self._padded([source])
        memory, state = self.network.begin(ids, lengths)
        fed = torch.tensor([[BOS, *words[:-1]]], device=ids.device)
        weights = []
        for stretch in torch.split(fed, max(WEIGHTS_AT_ONCE // len(source), 1), dim=1):
            decoded = self.network.decoder.run(stretch, state, memory)
            state = decoded.state
            if decoded.weights is None:
                raise TypeError("a decoder without attention has no weights")
            weights.append(decoded.weights[0].float().cpu().numpy())
        return np.concatenate(weights)

    def _padded(self, sources: Sequence[NDArray[np.int32]]) -> tuple[Tensor, Tensor]:
        lengths = torch.tensor([len(ids) for ids in sources])
        if len(sources) == 1:
            only = torch.from_numpy(sources[0].astype(np.int64)).unsqueeze(0)
            return only.to(self.network.words.device), lengths
        ids = torch.zeros(len(sources), int(lengths.max()), dtype=torch.int64)
        for row, source in zip(ids, sources, strict=True):
            row[: len(source)] = torch.from_numpy(source)
        return ids.to(self.network.words.device), lengths

    def _spelt(self, hypothesis: Hypothesis, source: str | None) -> str:
        """A hypothesis as one line of text; unknown tokens taken from the source where that is given."""
        text = self.tokenizer.write(hypothesis.ids)
        if source is not None and UNK in hypothesis.ids:
            ids = next(iter(self.tokenizer.source.encode([source])))[:LONGEST]
            best = self._weights(ids, [*hypothesis.ids, EOS]).argmax(axis=1)
            pieces = self.tokenizer.source.pieces(source)
            written = [
                pieces[best[i]] if word == UNK else self.tokenizer.target.decode([word])
                for i, word in enumerate(hypothesis.ids)
            ]
            text = closed_up(" ".join(written)) if self.tokenizer.target.spaced else "".join(written)
        return " ".join(text.splitlines())


def batches(lengths: Sequence[int], beam: int, most: int = SENTENCES_AT_ONCE) -> Iterator[list[int]]:
    """Yield the sources translated together: of like length, from the longest, few enough for the memory."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        widest = lengths[batch[0]] if batch else lengths[i]
        count = len(batch) + 1
        if batch and (count > most or count * widest * beam > TOKENS_AT_ONCE):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
