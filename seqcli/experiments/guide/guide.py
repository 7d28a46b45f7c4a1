"""`seqcli guide`: part after part, each claim with its verdict."""

import time
from collections.abc import Callable, Generator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from seqcli import __version__
from seqcli.config.names import FilePath
from seqcli.config.numbers import PositiveInt
from seqcli.config.settings import Settings
from seqcli.errors import SeqcliError, StoppedError, UsageError
from seqcli.experiments.claims.catalogue import GUIDE, claim
from seqcli.experiments.config import Device
from seqcli.experiments.guide.part import PARTS, Part, Surroundings
from seqcli.experiments.legs import resolve_device, torch_version
from seqcli.experiments.store import Store
from seqcli.results.compare import Claim
from seqcli.results.events import Event, Note
from seqcli.results.guide import Guide, GuidePart


def _each_once(claims: tuple[int, ...]) -> tuple[int, ...]:
    """Claims in the guide's order."""
    return tuple(sorted(set(claims)))


class GuideConfig(Settings):
    """`seqcli guide`: which claims, and how thoroughly."""

    claims: Annotated[tuple[int, ...], AfterValidator(_each_once)] = Field(
        default=(), description="only these, by the guide's numbers"
    )
    quick: bool = Field(default=False, description="few seeds and short sequences: under half an hour")
    device: Device = Field(default="auto", description="where to train")
    jobs: PositiveInt | None = Field(default=None, description="legs side by side; all cores by default")
    out: FilePath | None = Field(default=None, description="folder for the legs; the cache by default")

    @property
    def kept(self) -> dict[str, object]:
        """The configuration that the run directory keeps: all that decides the result."""
        return {"command": "guide", **self.model_dump(mode="json", exclude={"jobs", "out"})}

    @property
    def identity(self) -> dict[str, object]:
        """What else must be the same to go on: the numerics.

        Raises:
            UsageError: The device is not there.
        """
        return {"device": resolve_device(self.device), "torch": torch_version(), "seqcli": __version__}


def chosen_parts(claims: Sequence[int]) -> list[Part]:
    """The parts that speak to these claims, in the guide's order; all of them where none is named.

    Raises:
        UsageError: The guide has no such claim.
    """
    unknown = [number for number in claims if number not in GUIDE]
    if unknown:
        listed = "; ".join(f"{number} {one.sentence}" for number, one in GUIDE.items())
        raise UsageError(f"the guide has no claim {unknown[0]}", f"Its claims: {listed}.")
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
    chosen = chosen_parts(config.claims)
    surroundings = Surroundings(store, config.quick, config.device, config.jobs, should_stop)
    wanted = config.claims or tuple(GUIDE)
    claims: dict[int, Claim] = {}
    parts = []
    for position, part in enumerate(chosen, start=1):
        yield Note(text=f"part {position} of {len(chosen)}: {part.title}")
        began, reason = time.monotonic(), None
        try:
            found = yield from part.run(surroundings)
            claims.update({one.number: one for one in found if one.number is not None})
        except StoppedError:
            raise
        except SeqcliError as error:
            reason = error.message
            yield Note(text=f"{part.title} failed: {reason}")
        parts.append(_record(part, config, seconds=time.monotonic() - began, failed=reason))
    complete = all(number in claims for number in wanted)
    return Guide(
        signature=signature(config),
        status="complete" if complete else "partial",
        quick=config.quick,
        claims=[claims.get(number) or _missing(number) for number in wanted],
        parts=parts,
    )


def signature(config: GuideConfig) -> str:
    """One line that names what was run."""
    version = ".".join(torch_version().split("+", maxsplit=1)[0].split(".")[:2])
    how = "quick" if config.quick else "whole"
    return f"seqcli {__version__} · guide, {how} · torch {version} {resolve_device(config.device)}"


def _record(part: Part, config: GuideConfig, *, seconds: float, failed: str | None) -> GuidePart:
    return GuidePart(
        title=part.title,
        claims=list(part.claims),
        command=part.command(quick=config.quick),
        seconds=round(seconds, 1),
        failed=failed,
    )


def _missing(number: int) -> Claim:
    return claim(number, "undecided", "not measured: its part did not finish")
