"""A run's README.md: what the model is, how good it is, and how to run it again."""

from seqcli.data.prepared import Prepared
from seqcli.models.config import ModelConfig
from seqcli.results.train import TrainSummary
from seqcli.training.config import TrainingConfig
from seqcli.training.kind import KINDS


def model_card(
    *, model: ModelConfig, training: TrainingConfig, prepared: Prepared, summary: TrainSummary
) -> str:
    """The card as Markdown (after Mitchell et al., 'Model cards for model reporting', 2019)."""
    facts = prepared.facts
    majority = f"{facts.majority_share:.1%}" if facts.majority_share is not None else "none"
    labels = ", ".join(prepared.labels[:20]) or "none"
    return f"""# {summary.model} on {summary.task}

A {model.layers}-layer {"bidirectional " if model.bidirectional else ""}{model.model.upper()} of width \
{model.hidden} over {prepared.tokenizer.name} tokens, initialised by `{model.init}`, seed {summary.seed}.

| | |
|---|---|
| test {summary.test.metric} | {summary.test.value:.1%} of {summary.test.examples:,} examples |
| validation {summary.valid.metric} | {summary.valid.value:.1%} of {summary.valid.examples:,} examples, \
which chose epoch {summary.best_epoch} |
| majority class | {majority} |
| parameters | {summary.parameters.total:,}, of which {summary.parameters.recurrent:,} recurrent |
| data | {facts.source} (sha256 `{facts.sha256}`) |
| licence of the data | {facts.licence or "not known"} |
| labels | {labels} |
| texts | cut at {prepared.max_len} tokens; vocabulary of {prepared.vocab_size:,} |
| optimiser | Adam, learning rate {training.lr:g}, batch {training.batch_size}, clip {training.clip} |

The score says how the model does on texts like those it was trained on, and nothing about others. One seed is
one draw: `seqcli compare` tells how much the score moves from seed to seed.

Use it: `{KINDS.get(prepared.kind).use}`. Train it again: `seqcli train -c config.yaml`.
Weights: `model.safetensors`. Every test prediction: `predictions.jsonl`. SHA-256: `manifest.json`.

`{summary.signature}`
"""
