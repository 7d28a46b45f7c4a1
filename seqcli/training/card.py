"""A run's README.md: what the model is, how good it is, and how to run it again."""

import html
import re

from seqcli.data.data_words import cautions, cut_sentence, duplicates_sentence
from seqcli.data.kind import KINDS
from seqcli.data.prepared import Prepared
from seqcli.data.score_words import score_text
from seqcli.errors import first_names
from seqcli.models.config import ModelConfig
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.results.train import Score, TrainSummary
from seqcli.results.wording import share_words
from seqcli.training.config import TrainingConfig
from seqcli.training.leg_notes import explosion_caution

MARKUP = re.compile(r"([\\`*_#|~$])")
OPTIMISERS = {"adam": "Adam", "sgd": "SGD"}


def model_card(
    *, model: ModelConfig, training: TrainingConfig, prepared: Prepared, summary: TrainSummary
) -> str:
    """The card as Markdown, in which outside text is text.

    After Mitchell et al., 'Model cards for model reporting', 2019.
    """
    facts = prepared.facts
    labels = first_names(list(map(inert, prepared.labels))) or "none"
    use = KINDS.get(prepared.kind).use
    used = f"Use it: `{use}`. " if use else ""
    return f"""# {summary.model} on {inert(summary.task)}

A {model.layers}-layer {"bidirectional " if model.bidirectional else ""}{_network(model)} of width \
{model.hidden} over {_inputs(prepared)}, initialised by `{model.init}`, seed {summary.seed}.

| | |
|---|---|
| test {summary.tested.metric} | {_score(prepared, summary.tested)} |
| validation {summary.valid.metric} | {_score(prepared, summary.valid)}, \
which chose epoch {summary.best_epoch} |
| {_yardstick(prepared, summary)} |
| parameters | {summary.parameters.total:,}, of which {summary.parameters.recurrent:,} recurrent |
| data | {inert(facts.source)} (sha256 `{facts.sha256}`) |
| licence of the data | {inert(facts.licence or "not known")} |
| labels | {labels} |
| inputs | at most {prepared.max_len} steps{_vocabulary(prepared)} |{_lost(prepared)}
| optimiser | {OPTIMISERS[training.optimizer]}, learning rate {training.lr:g}, \
batch {training.batch_size}, clip {training.clip} |
{_cautions(prepared, explosion_caution(training, summary.largest_gradient_norm))}
The score says how the model does on data like that it was trained on, and nothing about others. One seed is
one draw: `seqcli compare` shows how much the score moves from seed to seed.

{used}Train it again: `seqcli train -c config.yaml`.
Weights: `model.safetensors`. Every test prediction: `predictions.jsonl`. SHA-256: `manifest.json`.

`{summary.signature}`
"""


def inert(text: str) -> str:
    """Outside text in which nothing is markup, HTML, a cell's end, or an order to a terminal."""
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
    return (
        MARKUP.sub(r"\\\1", html.escape(shown, quote=False)).replace("](", "&#93;(").replace("://", "&#58;//")
    )


def _cautions(prepared: Prepared, explosion: str | None) -> str:
    """Return the cautions about the score: those of the data, and of gradients that exploded unseen."""
    lines = [inert(sentence) for sentence in (*cautions(prepared.facts), *filter(None, [explosion]))]
    return "\n" + "\n".join(f"- Caution: {sentence}." for sentence in lines) + "\n" if lines else ""


def _lost(prepared: Prepared) -> str:
    """Return a row of the table for what preparing the data lost, however little; else nothing."""
    facts = prepared.facts
    losses = [*([cut_sentence(facts)] if facts.cut else []), *filter(None, [duplicates_sentence(facts)])]
    return f"\n| lost | {inert('; '.join(losses))} |" if losses else ""


def _network(model: ModelConfig) -> str:
    """The network by what it is made of: 'GRU', 'seq2seq of GRU cells with luong attention'."""
    if not isinstance(model, Seq2SeqConfig):
        return model.model.upper()
    attention = "without attention" if model.attention == "none" else f"with {model.attention} attention"
    return f"{model.model} of {model.cell.upper()} cells, {attention},"


def _inputs(prepared: Prepared) -> str:
    """Return the inputs in words: 'word tokens', '2 numbers a step'."""
    if prepared.input_size:
        return f"{prepared.input_size} numbers a step"
    return f"{prepared.tokenizer.name} tokens" if prepared.tokenizer.name else "symbols"


def _vocabulary(prepared: Prepared) -> str:
    return f"; vocabulary of {prepared.vocab_size:,}" if prepared.vocab_size else ""


def _score(prepared: Prepared, score: Score) -> str:
    """A share as a percentage, any other score in its own unit."""
    metric = prepared.scored_by
    shown = score_text(score.value, metric.name)
    if metric.search:
        shown += f" with {metric.search}"
    return f"{shown} on {score.examples:,} examples"


def _yardstick(prepared: Prepared, summary: TrainSummary) -> str:
    """Return the yardstick of the score: the majority class, or the task's own criterion."""
    if summary.solved is not None:
        return f"solved ({summary.solved.criterion}) | {'yes' if summary.solved.solved else 'no'}"
    share = prepared.facts.majority_share
    return f"majority class | {share_words(share)}" if share is not None else "majority class | none"
