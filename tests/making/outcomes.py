"""Finished legs without training: what each test says of one, and harmless values for all the rest."""

from collections.abc import Mapping, Sequence

from seqcli.data.prepared import Prepared
from seqcli.experiments.compare.comparison_inputs import ComparisonInputs, ModelEvidence
from seqcli.experiments.compare.conclude import conclude
from seqcli.experiments.compare.store import LegOutcome
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.legs import model_config
from seqcli.experiments.run_scores import RunScores
from seqcli.models.spec import parse_spec
from seqcli.results.compare import Answer, BaselineAnswers, Comparison
from seqcli.results.measurements import Parameters
from seqcli.results.train import EpochRecord, Score, Timing, TrainMemory, TrainSpeed, TrainSummary


def epoch_record(epoch: int, **fields: float) -> EpochRecord:
    """An epoch of ten steps; `fields` are those that a test speaks of."""
    harmless = {
        "step": 10 * epoch,
        "train_loss": 1.0,
        "valid_loss": 1.0,
        "valid_metric": 0.5,
        "gradient_norm": 1.0,
        "clipped_share": 0.0,
    }
    return EpochRecord.model_validate({"epoch": epoch, **harmless, **fields})


def finished_leg(
    value: float,
    *,
    metric: str = "accuracy",
    epochs: tuple[EpochRecord, ...] = (),
    predictions: bytes = b"",
    epoch_seconds: tuple[float, ...] = (),
    **summary: object,
) -> LegOutcome:
    """A leg that scored `value` on validation and test; `summary` are fields of its `TrainSummary`."""
    scale_max = {"BLEU": 100.0, "chrF": 100.0}.get(metric)
    score = Score(metric=metric, value=value, loss=0.5, examples=24, scale_max=scale_max)
    mapping = {
        "model": "x",
        "task": "reviews",
        "seed": 0,
        "parameters": Parameters(total=500, embedding=90, recurrent=400, head=10),
        "epochs": 5,
        "best_epoch": 3,
        "stopped": "early",
        "valid": score,
        "test": score,
        "signature": "s",
    }
    timing = Timing(
        train_speed=TrainSpeed(mean=1.0, tokens_per_second=1.0),
        memory=TrainMemory(peak=1),
        seconds=2.0,
        seconds_to_best=1.0,
        epoch_seconds=list(epoch_seconds),
    )
    return LegOutcome(TrainSummary(**{**mapping, **summary}), timing, epochs, predictions)


def answers_of(right: Sequence[bool], *, valid: float | None = None) -> dict[str, object]:
    """What a baseline's file keeps of one that is right where `right` says so, as JSON values."""
    answers = [Answer(label="yes", predicted="yes" if item else "no") for item in right]
    share = sum(right) / len(right)
    return BaselineAnswers(valid=share if valid is None else valid, test=share, answers=answers).to_json()


def answering_leg(right: Sequence[bool], **summary: object) -> LegOutcome:
    """A leg that answers the test examples right where `right` says so."""
    answers = BaselineAnswers.from_json(answers_of(right))
    return finished_leg(answers.test, predictions=answers.predictions, **summary)


def planted_run(
    attention: str, seed: int, lengths: Sequence[int], right: Sequence[bool], *, width: int
) -> RunScores:
    """A finished run of a seq2seq model on sources of these lengths, right where `right` says so."""
    return RunScores(
        label=f"attention={attention} hidden={width}",
        attention=attention,
        width=width,
        seed=seed,
        task="planted",
        metric="exact_match",
        sources=tuple(f"s{number}" for number in range(len(lengths))),
        lengths=tuple(lengths),
        predicted=tuple("yes" if good else "no" for good in right),
        references=("yes",) * len(lengths),
    )


def concluded_from(
    config: CompareConfig,
    prepared: Prepared,
    outcomes: Mapping[str, Sequence[LegOutcome | None]],
    **evidence: object,
) -> Comparison:
    """What follows from the legs of each model, by its label, whose first word is its name; no cost."""
    return conclude(evidence_from(config, prepared, outcomes, **evidence))


def evidence_from(
    config: CompareConfig,
    prepared: Prepared,
    outcomes: Mapping[str, Sequence[LegOutcome | None]],
    **evidence: object,
) -> ComparisonInputs:
    """What a comparison that had these legs measured."""
    models = tuple(
        ModelEvidence(
            label=label,
            model=model_config(config, parse_spec(label.split()[0])),
            outcomes=tuple(legs),
            blocks=(),
        )
        for label, legs in outcomes.items()
    )
    mapping = {"device": "cpu", "seeds": config.seeds, "alpha": 0.05, "baselines": {}, "failures": ()}
    return ComparisonInputs(config=config, prepared=prepared, models=models, **{**mapping, **evidence})
