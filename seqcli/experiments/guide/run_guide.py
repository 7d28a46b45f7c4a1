"""`seqcli guide`: part after part, each claim with its verdict."""

import time
from collections.abc import Callable, Generator, Sequence

from seqcli import __version__
from seqcli.errors import SeqcliError, StoppedError, UsageError
from seqcli.experiments.catalogue import GUIDE, claim
from seqcli.experiments.compare.store import Store
from seqcli.experiments.guide.config import GuideConfig
from seqcli.experiments.guide.guide_part import PARTS, GuideEnvironment, GuideTest
from seqcli.experiments.legs import resolve_device, torch_version
from seqcli.results.claims import Claim, UnmeasuredFact
from seqcli.results.compare import Comparison
from seqcli.results.estimates import PartHeading, TimeEstimate, WholeEstimate
from seqcli.results.events import Event, Note
from seqcli.results.gradprobe import Gradprobe
from seqcli.results.guide import Guide, GuidePart
from seqcli.results.sweep import Sweep


def chosen_parts(claims: Sequence[int]) -> list[GuideTest]:
    """The parts that speak to these claims, in the guide's order; all of them where none is named.

    Raises:
        UsageError: The guide has no such claim.
    """
    unknown = [number for number in claims if number not in GUIDE]
    if unknown:
        raise UsageError(f"the guide has no claim {unknown[0]}", f"It has claims 1 to {max(GUIDE)}.")
    parts = [PARTS.get(name) for name in PARTS.names()]
    return [part for part in parts if not claims or set(claims) & set(part.claims)]


def run_guide(
    config: GuideConfig, store: Store, should_stop: Callable[[], bool]
) -> Generator[Event, None, Guide]:
    """Run the parts that are asked for; what an earlier command finished is not run again.

    Raises:
        UsageError: The guide has no such claim, or the device is not there.
        StoppedError: A stop was asked for; the same command goes on from there.
    """
    resolve_device(config.device)
    numbers = config.claim_numbers
    chosen = chosen_parts(numbers)
    surroundings = GuideEnvironment(
        store, config.quick, config.device, config.jobs, should_stop, config.wishes, config.place
    )
    claims: dict[int, Claim] = {}
    parts = []
    for position, part in enumerate(chosen, start=1):
        yield Note(text=f"part {position} of {len(chosen)}: {part.title}")
        began, reason, result = time.monotonic(), None, None
        try:
            outcome = yield from part.run(surroundings)
            claims.update({claim.number: claim for claim in outcome.claims if claim.number is not None})
            result = outcome.result
        except StoppedError:
            raise
        except SeqcliError as error:
            reason = error.message
            yield Note(text=f"{part.title} failed: {reason}")
        record = _record(part, config, seconds=time.monotonic() - began, failed=reason)
        parts.append(_with_result(record, result))
    complete = all(number in claims for number in numbers)
    return Guide(
        signature=signature(config),
        status="complete" if complete else "partial",
        quick=config.quick,
        claims=[claims.get(number) or _missing(number) for number in numbers],
        parts=parts,
    )


def estimate_guide(
    config: GuideConfig, store: Store, should_stop: Callable[[], bool]
) -> Generator[TimeEstimate, None, None]:
    """Yield the time that is left of every part, and of all together.

    Raises:
        SeqcliError: A part cannot be done here.
        StoppedError: A stop was asked for.
    """
    surroundings = GuideEnvironment(
        store, config.quick, config.device, config.jobs, should_stop, config.wishes, config.place
    )
    total = 0.0
    for part in chosen_parts(config.claim_numbers):
        yield PartHeading(part.title, part.claims)
        total += yield from part.estimate(surroundings)
    yield WholeEstimate(total)


def _with_result(part: GuidePart, result: Comparison | Sweep | Gradprobe | None) -> GuidePart:
    """The part with what its claims are drawn from."""
    kinds = {Comparison: "comparison", Sweep: "sweep", Gradprobe: "probe"}
    return part if result is None else part.model_copy(update={kinds[type(result)]: result})


def signature(config: GuideConfig) -> str:
    """One line that names what was run."""
    version = ".".join(torch_version().split("+", maxsplit=1)[0].split(".")[:2])
    extent = "quick" if config.quick else "whole"
    return f"seqcli {__version__} · guide, {extent} · torch {version} {resolve_device(config.device)}"


def _record(part: GuideTest, config: GuideConfig, *, seconds: float, failed: str | None) -> GuidePart:
    return GuidePart(
        title=part.title,
        claims=list(part.claims),
        command=part.command(quick=config.quick, wishes=config.wishes),
        seconds=round(seconds, 1),
        failed=failed,
    )


def _missing(number: int) -> Claim:
    return claim(number, "undecided", UnmeasuredFact(why="part"))
