"""Beam search: the best few beginnings are carried on side by side, all sentences of a batch at once.

Sentences do not depend on each other, so a batch gives what its sentences give alone, up to rounding. The
source is not copied for each hypothesis: attention takes all hypotheses of a sentence as its queries.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from seqcli.data.tokenizer import BOS, EOS
from seqcli.models.attention import EncoderMemory
from seqcli.models.seq2seq.decoder import DecoderState
from seqcli.models.seq2seq.greedy import COMPACT_BELOW, output_limits
from seqcli.models.seq2seq.output_layer import Banned, Continuations, OutputLayer
from seqcli.models.seq2seq.search import SearchConfig
from seqcli.models.seq2seq.stepper import DecoderStart, DecoderStepper


class Hypothesis(NamedTuple):
    """One output of a sentence."""

    ids: list[int]
    """Its words, without the end."""
    log_probability: float
    """Of all its words, and of the end where it was reached."""
    score: float
    """What it is ranked by."""
    ended: bool
    """Whether it reached its end; one that ran into the limit ranks below all that did."""


@dataclass
class Beams:
    """The open sentences of a batch, S of them, each with K hypotheses; at first with a single empty one.

    Attributes:
        sentences: (S) which sentence of the batch each is.
        limits: (S) the most words of each output.
        log_probabilities: (S, K) of each hypothesis; -inf where there is none.
        words: (S, K, t) so far.
        state: Of the decoder, S·K rows.
        memory: Of the sources, S rows.
        finished: What came of each sentence of the batch.
    """

    sentences: Tensor
    limits: Tensor
    log_probabilities: Tensor
    words: Tensor
    state: DecoderState
    memory: EncoderMemory
    finished: list[list[Hypothesis]] = field(default_factory=list)

    @classmethod
    def start(cls, start: DecoderStart, limits: Tensor) -> "Beams":
        """One empty hypothesis for each sentence."""
        outputs = start.memory.outputs
        count, device = len(limits), outputs.device
        return cls(
            sentences=torch.arange(count, device=device),
            limits=limits.to(device),
            log_probabilities=outputs.new_zeros((count, 1)),
            words=torch.empty((count, 1, 0), dtype=torch.int64, device=device),
            state=start.state,
            memory=start.memory,
            finished=[[] for _ in range(count)],
        )

    @property
    def last(self) -> Tensor:
        """(S·K) the word that each hypothesis ends in."""
        if self.words.shape[2] == 0:
            return self.words.new_full((self.words.shape[0] * self.words.shape[1],), BOS)
        return self.words[:, :, -1].flatten()

    def go_on(self, chosen: Continuations, state: DecoderState) -> None:
        """Replace the hypotheses by K continuations of each sentence."""
        self.state = state.select(self._rows(chosen.origins).flatten())
        origins = chosen.origins.unsqueeze(2).expand(-1, -1, self.words.shape[2])
        self.words = torch.cat([self.words.gather(1, origins), chosen.words.unsqueeze(2)], dim=2)
        self.log_probabilities = chosen.log_probabilities

    def keep(self, places: Tensor) -> None:
        """Leave all but some of the sentences behind."""
        each = torch.arange(self.words.shape[1], device=places.device).expand(len(self.sentences), -1)
        self.state = self.state.select(self._rows(each)[places].flatten())
        self.memory = self.memory.select(places)
        self.sentences, self.limits = self.sentences[places], self.limits[places]
        self.log_probabilities, self.words = self.log_probabilities[places], self.words[places]

    def _rows(self, hypotheses: Tensor) -> Tensor:
        """Return the rows of the states of hypotheses (S, N), (S, N)."""
        sentences = torch.arange(len(self.sentences), device=hypotheses.device)
        return sentences.unsqueeze(1) * self.words.shape[1] + hypotheses


@torch.no_grad()
def beam_search(
    stepper: DecoderStepper, start: DecoderStart, lengths: Tensor, search: SearchConfig
) -> list[list[Hypothesis]]:
    """The best outputs that a beam of this width finds, best first, at most `n_best` a sentence.

    A hypothesis that ends among the K best continuations is finished, and the K best of them are kept. A
    sentence is done at its limit, or when nothing that is still open can become one of its `n_best`: no
    hypothesis gains log-probability by going on, and none is normalised by more than the limit's length. With
    K = 1 this is greedy search; a wider beam may lose the greedy output's beginning on the way, so that
    output is searched for beside it, and no beam tells anything worse.

    Args:
        stepper: Takes the steps.
        start: The sources (B).
        lengths: (B) their lengths.
        search: What to look for.
    """
    limits = output_limits(lengths)
    if search.max_output_len is not None:
        limits = limits.clamp(max=search.max_output_len)
    by_source = _hypotheses(stepper, start, limits, search)
    if search.beam > 1:
        greedy_search = search.model_copy(update={"beam": 1, "n_best": 1})
        for outputs, greedy_hypotheses in zip(
            by_source, _hypotheses(stepper, start, limits, greedy_search), strict=True
        ):
            outputs += [
                hypothesis
                for hypothesis in greedy_hypotheses
                if all(hypothesis.ids != other.ids for other in outputs)
            ]
    return [_ranked(outputs, search) for outputs in by_source]


def _hypotheses(
    stepper: DecoderStepper, start: DecoderStart, limits: Tensor, search: SearchConfig
) -> list[list[Hypothesis]]:
    """Return the hypotheses of a beam of K for each sentence, in no order, at most K each."""
    beams = Beams.start(start, limits)
    for t in range(1, int(limits.max()) + 1):
        features, state = stepper.step(beams.last, beams.state, beams.memory)
        continuations = _continuations(stepper.output_layer, features, beams, search)
        _finish(continuations, beams, search)
        beams.go_on(_open_ones(continuations, search.beam), state)
        still = _still_open(beams, t, search)
        if not still:
            break
        if len(still) < COMPACT_BELOW * len(beams.sentences):
            beams.keep(torch.tensor(still, device=beams.words.device))
    return beams.finished


def _continuations(layer: OutputLayer, features: Tensor, beams: Beams, search: SearchConfig) -> Continuations:
    """The 2 K likeliest continuations of each sentence: K of them at least are no ends."""
    size = search.no_repeat_ngram
    banned = _repeats(beams.words.flatten(0, 1), size) if size else None
    return layer.continuations(features, beams.log_probabilities, 2 * search.beam, banned)


def _finish(continuations: Continuations, beams: Beams, search: SearchConfig) -> None:
    """Note the hypotheses that end among the K best continuations; each sentence keeps its K best."""
    beam = search.beam
    ends = (continuations.words[:, :beam] == EOS) & continuations.log_probabilities[:, :beam].isfinite()
    for place, rank in ends.nonzero().tolist():
        done = beams.finished[int(beams.sentences[place])]
        ids = beams.words[place, int(continuations.origins[place, rank])].tolist()
        value = float(continuations.log_probabilities[place, rank])
        done.append(Hypothesis(ids, value, search.normalised(value, len(ids) + 1), ended=True))
        if len(done) > beam:
            done.remove(min(done, key=lambda hypothesis: hypothesis.score))


def _open_ones(continuations: Continuations, beam: int) -> Continuations:
    """The K best continuations that do not end; where there are fewer, hypotheses that do not count."""
    values = continuations.log_probabilities.masked_fill(continuations.words == EOS, -torch.inf)
    best, places = values.topk(min(beam, values.shape[1]), dim=1)
    chosen = Continuations(
        best, continuations.origins.gather(1, places), continuations.words.gather(1, places)
    )
    missing = beam - best.shape[1]
    if not missing:
        return chosen
    pad = torch.nn.functional.pad
    return Continuations(
        pad(chosen.log_probabilities, (0, missing), value=-torch.inf),
        pad(chosen.origins, (0, missing)),
        pad(chosen.words, (0, missing), value=BOS),
    )


def _still_open(beams: Beams, words: int, search: SearchConfig) -> list[int]:
    """The places of sentences that go on; those at their limit take what they have."""
    limits = beams.limits.tolist()
    likeliest = beams.log_probabilities.amax(dim=1).tolist()
    still = []
    for place, sentence in enumerate(beams.sentences.tolist()):
        done = beams.finished[sentence]
        if words < limits[place] and not is_decided(done, likeliest[place], limits[place], search):
            still.append(place)
            continue
        if words >= limits[place]:
            done += _cut_off(beams, place, search)[: search.beam - len(done)]
        beams.log_probabilities[place] = -torch.inf  # whatever it writes from here on counts for nothing
    return still


def is_decided(done: list[Hypothesis], likeliest: float, limit: int, search: SearchConfig) -> bool:
    """Return whether no open hypothesis, at best of this log-probability, can become one of the best."""
    if likeliest == -math.inf:
        return True
    if search.beam == 1 or len(done) < search.n_best:
        return len(done) >= search.n_best
    worst_needed = sorted((hypothesis.score for hypothesis in done), reverse=True)[search.n_best - 1]
    return worst_needed >= search.normalised(likeliest, limit)


def _cut_off(beams: Beams, place: int, search: SearchConfig) -> list[Hypothesis]:
    """The hypotheses of a sentence that ran into its limit."""
    values = beams.log_probabilities[place].tolist()
    return [
        Hypothesis(ids, value, search.normalised(value, len(ids)), ended=False)
        for ids, value in zip(beams.words[place].tolist(), values, strict=True)
        if value > -torch.inf
    ]


def _ranked(hypotheses: list[Hypothesis], search: SearchConfig) -> list[Hypothesis]:
    return sorted(hypotheses, key=lambda hypothesis: (not hypothesis.ended, -hypothesis.score))[
        : search.n_best
    ]


def _repeats(words: Tensor, size: int) -> Banned:
    """The words that would repeat `size` words in a row of (R, t)."""
    banned = []
    for row, history in enumerate(words.tolist()):
        start = len(history) - size + 1
        ending = history[max(start, 0) :]
        banned += [(row, history[i + size - 1]) for i in range(start) if history[i : i + size - 1] == ending]
    rows, repeated = torch.tensor(banned, dtype=torch.int64, device=words.device).view(-1, 2).unbind(1)
    return Banned(rows, repeated)
