"""`seqcli guide`: part after part, each claim with its verdict."""

import time
from collections.abc import Callable, Generator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from seqcli import __version__
from seqcli.config.names import FilePath
from seqcli.config.values import PositiveInt
from seqcli.data.config import DataConfig, anchored
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task
from seqcli.errors import SeqcliError, StoppedError, UsageError
from seqcli.experiments.catalogue import GUIDE, claim
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import Device, Seeds
from seqcli.experiments.guide.guide_part import PARTS, GuideEnvironment, GuideSettings, GuideTest
from seqcli.experiments.legs import resolve_device, torch_version
from seqcli.results.claims import Claim, UnmeasuredFact
from seqcli.results.compare import Comparison
from seqcli.results.events import Event, Note
from seqcli.results.gradprobe import Gradprobe
from seqcli.results.guide import Guide, GuidePart
from seqcli.results.sweep import Sweep
from seqcli.results.wording import span

OF_OWN_DATA = (2, 3, 4, 5, 7)
"""The claims that a person's own labelled texts can speak to."""


def _each_once(claims: tuple[int, ...]) -> tuple[int, ...]:
    """Claims in the guide's order."""
    return tuple(sorted(set(claims)))


class GuideConfig(DataConfig):
    """`seqcli guide`: which claims, how thoroughly, and on whose data."""

    claims: Annotated[tuple[int, ...], AfterValidator(_each_once)] = Field(
        default=(), description="only these, by the guide's numbers"
    )
    quick: bool = Field(default=False, description="few seeds and short sequences: under half an hour")
    seeds: Seeds | None = Field(default=None, description="of every part; by default each part's own")
    device: Device = Field(default="auto", description="where to train")
    jobs: PositiveInt | None = Field(default=None, description="legs side by side; all cores by default")
    out: FilePath | None = Field(default=None, description="folder for the legs; the cache by default")

    @property
    def kept(self) -> dict[str, object]:
        """The configuration that the run directory keeps: all that decides the result."""
        own = () if self.own else DataConfig.model_fields
        return anchored({"command": "guide", **self.model_dump(mode="json", exclude={"jobs", "out", *own})})

    @property
    def wanted(self) -> tuple[int, ...]:
        """The claims to be tested: with a person's own data those that it can speak to.

        Raises:
            UsageError: A named claim is not about a person's own data.
        """
        if not self.own:
            return self.claims or tuple(GUIDE)
        others = [number for number in self.claims if number not in OF_OWN_DATA]
        if others:
            told = ", ".join(map(str, OF_OWN_DATA))
            raise UsageError(
                f"claim {others[0]} is tested on tasks made for it, not on your own data",
                f"With --data name some of {told}, or drop --data.",
            )
        return self.claims or OF_OWN_DATA

    @property
    def wishes(self) -> GuideSettings:
        """The settings that replace the parts' own."""
        names = [name for name in DataConfig.model_fields if name in self.model_fields_set]
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return GuideSettings(self.seeds, given if self.own else {})

    @property
    def identity(self) -> dict[str, object]:
        """The conditions that must be the same to go on: the numerics.

        Raises:
            UsageError: The device is not there.
        """
        where = {"device": resolve_device(self.device), "torch": torch_version(), "seqcli": __version__}
        if not self.own:
            return {**where}
        data = DataConfig.model_validate(self.wishes.data)
        return {**where, "prepared_sha256": prepare(choose_task(None, data), data).sha256}


def chosen_parts(claims: Sequence[int]) -> list[GuideTest]:
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
    wanted = config.wanted
    chosen = chosen_parts(wanted)
    surroundings = GuideEnvironment(
        store, config.quick, config.device, config.jobs, should_stop, config.wishes
    )
    claims: dict[int, Claim] = {}
    parts = []
    for position, part in enumerate(chosen, start=1):
        yield Note(text=f"part {position} of {len(chosen)}: {part.title}")
        began, reason, result = time.monotonic(), None, None
        try:
            found = yield from part.run(surroundings)
            claims.update({one.number: one for one in found.claims if one.number is not None})
            result = found.result
        except StoppedError:
            raise
        except SeqcliError as error:
            reason = error.message
            yield Note(text=f"{part.title} failed: {reason}")
        done = _record(part, config, seconds=time.monotonic() - began, failed=reason)
        parts.append(_with_result(done, result))
    complete = all(number in claims for number in wanted)
    return Guide(
        signature=signature(config),
        status="complete" if complete else "partial",
        quick=config.quick,
        claims=[claims.get(number) or _missing(number) for number in wanted],
        parts=parts,
    )


def estimate_guide(
    config: GuideConfig, store: Store, should_stop: Callable[[], bool]
) -> Generator[str, None, None]:
    """Yield the time that is left of every part, and of all together.

    Raises:
        SeqcliError: A part cannot be done here.
        StoppedError: A stop was asked for.
    """
    surroundings = GuideEnvironment(
        store, config.quick, config.device, config.jobs, should_stop, config.wishes
    )
    total = 0.0
    for part in chosen_parts(config.wanted):
        yield f"{part.title} (claims {', '.join(map(str, part.claims))}):"
        total += yield from part.estimate(surroundings)
    yield f"all together: at most about {span(max(1.0, total))}; early stopping makes it less"


def _with_result(part: GuidePart, result: Comparison | Sweep | Gradprobe | None) -> GuidePart:
    """The part with what its claims are drawn from."""
    kinds = {Comparison: "comparison", Sweep: "sweep", Gradprobe: "probe"}
    return part if result is None else part.model_copy(update={kinds[type(result)]: result})


def signature(config: GuideConfig) -> str:
    """One line that names what was run."""
    version = ".".join(torch_version().split("+", maxsplit=1)[0].split(".")[:2])
    how = "quick" if config.quick else "whole"
    return f"seqcli {__version__} · guide, {how} · torch {version} {resolve_device(config.device)}"


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
