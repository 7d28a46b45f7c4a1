"""The configuration of `seqcli guide`; imports no torch, so that a mistake is told at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, Field

from seqcli import __version__
from seqcli.config.names import FilePath
from seqcli.config.settings import PositiveInt
from seqcli.data.config import DataConfig, anchored
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task
from seqcli.errors import UsageError
from seqcli.experiments.catalogue import GUIDE
from seqcli.experiments.config import PlaceOptions
from seqcli.experiments.legs import resolve_device, torch_version
from seqcli.experiments.setting_values import Device, Seeds

OF_OWN_DATA = (2, 3, 4, 5, 7)
"""The claims that a person's own labelled texts can speak to."""


@dataclass(frozen=True)
class GuideSettings:
    """The settings that replace the parts' own.

    Attributes:
        seeds: The seeds of every part that trains or probes; None leaves them to the part.
        data: The settings of a person's own data; empty for the built-in tasks.
    """

    seeds: tuple[int, ...] | None = None
    data: Mapping[str, object] = field(default_factory=dict)


def _each_once(claims: tuple[int, ...]) -> tuple[int, ...]:
    """Claims in the guide's order."""
    return tuple(sorted(set(claims)))


class GuideConfig(DataConfig, PlaceOptions):
    """`seqcli guide`: which claims, how thoroughly, and on whose data."""

    claims: Annotated[tuple[int, ...], AfterValidator(_each_once)] = Field(
        default=(), description="only these, by the guide's numbers"
    )
    quick: bool = Field(default=False, description="few seeds and short sequences: under half an hour")
    seeds: Seeds | None = Field(default=None, description="of every part; by default each part's own")
    device: Device = Field(default="auto", description="where to train")
    jobs: PositiveInt | None = Field(
        default=None, description="training runs side by side; all cores by default"
    )
    out: FilePath | None = Field(
        default=None, description="folder for the training runs; the cache by default"
    )

    @property
    def deciding(self) -> dict[str, object]:
        """The configuration that the run directory keeps: all that decides the result."""
        excluded = () if self.own else DataConfig.model_fields
        place = {"jobs", "out", *PlaceOptions.model_fields}
        return anchored({"command": "guide", **self.model_dump(mode="json", exclude={*place, *excluded})})

    @property
    def claim_numbers(self) -> tuple[int, ...]:
        """The claims to be tested: with a person's own data those that it can speak to.

        Raises:
            UsageError: A named claim is not about a person's own data.
        """
        if not self.own:
            return self.claims or tuple(GUIDE)
        others = [number for number in self.claims if number not in OF_OWN_DATA]
        if others:
            parts = ", ".join(map(str, OF_OWN_DATA))
            raise UsageError(
                f"claim {others[0]} is tested on tasks made for it, not on your own data",
                f"With --data name some of {parts}, or drop --data.",
            )
        return self.claims or OF_OWN_DATA

    @property
    def wishes(self) -> GuideSettings:
        """The settings that replace the parts' own."""
        names = [name for name in DataConfig.model_fields if name in self.model_fields_set]
        chosen = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return GuideSettings(self.seeds, chosen if self.own else {})

    @property
    def identity(self) -> dict[str, object]:
        """The conditions that must be the same to go on: the numerics.

        Raises:
            UsageError: The device is not there.
        """
        machine = {"device": resolve_device(self.device), "torch": torch_version(), "seqcli": __version__}
        if not self.own:
            return {**machine}
        data = DataConfig.model_validate(self.wishes.data)
        return {**machine, "prepared_sha256": prepare(choose_task(None, data), data).sha256}
