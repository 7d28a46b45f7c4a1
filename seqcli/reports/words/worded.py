"""A result's facts told in the sentences that its JSON form carries beside them.

Experiments find facts and reports have the words; a command, which sees both, has a result worded before it
keeps or shows it. So every `summary.json`, document and table tells the same sentences, from one place.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from seqcli.reports.words.claims import evidence, with_sentence
from seqcli.reports.words.comparison_words import FLOPS_COUNTED, quality_decimals
from seqcli.reports.words.recommendation import sentences
from seqcli.results.claims import Claim
from seqcli.results.compare import Comparison, ModelResult
from seqcli.results.earlier import EarlierComparison
from seqcli.results.recommendation import Recommendation
from seqcli.results.sweep import Sweep

if TYPE_CHECKING:
    from seqcli.results.bottleneck import Bottleneck
    from seqcli.results.gradprobe import Gradprobe
    from seqcli.results.guide import Guide, GuidePart
    from seqcli.results.rerun import Rerun

R = TypeVar("R", bound=Comparison | Sweep)
C = TypeVar("C", bound="Gradprobe | Bottleneck")


def worded(result: R) -> R:
    """The comparison or sweep with its facts in sentences too.

    Sentences of earlier versions, which kept no facts, stay.
    """
    changed: dict[str, object] = {"recommendation": _recommendation(result.recommendation)}
    if isinstance(result, Comparison):
        changed["models"] = _with_counted(result.models)
        changed["alternatives"] = [
            other.model_copy(update={"models": _with_counted(other.models)}) for other in result.alternatives
        ]
        changed["guide"] = _with_evidence(result.guide, quality_decimals(result))
        changed["earlier"] = worded_earlier(result.earlier, result.task.metric)
    if isinstance(result, Sweep):
        changed["guide"] = _with_evidence(result.guide)
        changed["points"] = [worded(point) for point in result.points]
    return cast("R", result.model_copy(update=changed))


def worded_earlier(earlier: EarlierComparison | None, metric: str) -> EarlierComparison | None:
    """The comparison with an earlier result, its conditions in sentences too."""
    if earlier is None:
        return None
    from seqcli.reports.words.earlier_words import with_notes

    return with_notes(earlier, metric)


def worded_rerun(result: "Rerun", then: object) -> "Rerun":
    """The repetition of a result, what it says beside a comparison in sentences too."""
    if not isinstance(then, Comparison):
        return result
    return result.model_copy(update={"beside": worded_earlier(result.beside, then.task.metric)})


def worded_claims(result: C) -> C:
    """The probe or bottleneck with its facts, and those on the guide's claims, in sentences too."""
    from seqcli.reports.words.probe_sentences import with_sentences  # which loads NumPy
    from seqcli.results.gradprobe import Gradprobe

    worded_result = with_sentences(result) if isinstance(result, Gradprobe) else result
    return cast("C", worded_result.model_copy(update={"guide": _with_evidence(result.guide)}))


def worded_guide(guide: "Guide") -> "Guide":
    """The guide with the facts of its parts and claims in sentences too."""
    return guide.model_copy(update={"parts": [_part(part) for part in guide.parts], "claims": _claims(guide)})


def _with_counted(models: Sequence[ModelResult]) -> list[ModelResult]:
    """The models, each with what its throughput counts; that of an earlier version stays."""
    return [
        model.model_copy(
            update={"throughput": model.throughput.model_copy(update={"counted": FLOPS_COUNTED})}
        )
        if model.throughput is not None and not model.throughput.counted
        else model
        for model in models
    ]


def _with_evidence(claims: Sequence[Claim], decimals: int | None = None) -> list[Claim]:
    return [
        with_sentence(claim).model_copy(update={"evidence": evidence(claim, decimals=decimals)})
        for claim in claims
    ]


def _claims(guide: "Guide") -> list[Claim]:
    """Each in the very words that it has beside the table of its part."""
    parts = {number: part for part in guide.parts for number in part.claims}
    with_evidence = []
    for claim in guide.claims:
        part = parts.get(claim.number or 0)
        comparison = part.comparison if part is not None else None
        with_evidence += _with_evidence([claim], None if comparison is None else quality_decimals(comparison))
    return with_evidence


def _recommendation(recommendation: Recommendation) -> Recommendation:
    return recommendation.model_copy(update={"because": sentences(recommendation)})


def _part(part: "GuidePart") -> "GuidePart":
    return part.model_copy(
        update={
            "comparison": part.comparison and worded(part.comparison),
            "sweep": part.sweep and worded(part.sweep),
            "probe": part.probe and worded_claims(part.probe),
        }
    )
