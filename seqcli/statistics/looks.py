"""Looks at the evidence: declared counts of seeds, each at a level that keeps the whole at 5 %.

Adding a seed until p < .05 is wrong in 16 to 23 % of null cases. Looking at declared counts, each at the same
smaller level, is Pocock's design (1977); for looks after 5, 10 and 20 seeds (information 1/4, 1/2, 1) and
Student's t the level is .0197 a look: 5.04 % overall for 'better' or 'worse' (the normal approximation
gives 4.75 %), and 4.78 % for each one-sided test of TOST.

A fixed number of seeds is one look at .05, which spends all of it: nothing that is done afterwards brings a
second look at the same seeds back to 5 % overall. Such a look is therefore drawn at .0197 as well, and the
sum of all levels, which bounds the chance that any of them is wrong (Bonferroni), is told. Seeds that no
earlier look has used are a new experiment with a whole 5 % of its own, and who takes the verdict of either
has two chances of a false one: the sum of the levels is told there too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# Of looks at a quarter, half and all of the information: 5 % over the three; see above.
POCOCK_ALPHA = 0.0197


@dataclass(frozen=True)
class Looks:
    """The counts of seeds at which a verdict is drawn, and the level of each.

    Args:
        counts: Numbers of seeds, upwards.
        alpha: Level of every claim at every look.

    Raises:
        ValueError: There is no count, or they do not rise from at least 1.
    """

    counts: tuple[int, ...]
    alpha: float

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in zip((0, *self.counts), self.counts, strict=False))
        if not self.counts or not rising:
            raise ValueError(f"looks must be rising counts of at least 1, got {self.counts}")

    @property
    def last(self) -> int:
        """The most seeds that this design runs."""
        return self.counts[-1]


AUTO = Looks(counts=(5, 10, 20), alpha=POCOCK_ALPHA)
"""The design of `--seeds auto`."""


def fixed(count: int) -> Looks:
    """One look at 5 % after a count fixed beforehand."""
    return Looks(counts=(count,), alpha=0.05)


@dataclass(frozen=True)
class TakenLook:
    """A verdict that was drawn: from which seeds, and at which level."""

    seeds: tuple[int, ...]
    alpha: float


class LookDesign(NamedTuple):
    """The level and the rule of one look.

    Args:
        looks: Its counts of seeds and its level.
        before: The earlier looks that have a seed in common with it: they spent some of the level.
        apart: Those that have none: experiments of their own.
    """

    looks: Looks
    before: tuple[TakenLook, ...]
    apart: tuple[TakenLook, ...]


def after(earlier: Sequence[TakenLook], seeds: Sequence[int]) -> LookDesign:
    """The one look of a fixed number of seeds, given those that were taken of the same models before.

    The same seeds again are no further look: they are judged as they were.

    Args:
        earlier: In the order in which they were drawn.
        seeds: Of this look.
    """
    chosen = frozenset(seeds)
    repeated = next((place for place, look in enumerate(earlier) if frozenset(look.seeds) == chosen), None)
    before, unrelated = divided(earlier[:repeated], seeds)
    if repeated is not None:
        return LookDesign(Looks((len(seeds),), earlier[repeated].alpha), before, unrelated)
    return LookDesign(Looks((len(seeds),), POCOCK_ALPHA) if before else fixed(len(seeds)), before, unrelated)


def divided(
    earlier: Iterable[TakenLook], seeds: Iterable[int]
) -> tuple[tuple[TakenLook, ...], tuple[TakenLook, ...]]:
    """The looks that have some of these seeds, and those that have none."""
    chosen, looks = frozenset(seeds), list(earlier)
    sharing = tuple(look for look in looks if chosen & frozenset(look.seeds))
    return sharing, tuple(look for look in looks if look not in sharing)


def next_look(looks: Looks, seeds: int, *, decided: bool) -> int | None:
    """Return how many seeds to have at the next look, given how many are done.

    Args:
        looks: The declared design.
        seeds: Seeds done so far; between two looks nothing is concluded, whatever they show.
        decided: Whether the verdict at the last look was other than 'undecided'.

    Returns:
        The next count; None when the verdict stands or the budget is spent, and an undecided verdict is then
        'not decidable at this budget'.
    """
    if decided:
        return None
    return next((count for count in looks.counts if count > seeds), None)
