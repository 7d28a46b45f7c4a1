"""When the evidence is looked at: declared counts of seeds, each at a level that keeps the whole at 5 %.

Adding a seed until p < .05 is wrong in 16 to 23 % of null cases. Looking at declared counts, each at the same
smaller level, is Pocock's design (1977); for looks after 5, 10 and 20 seeds (information 1/4, 1/2, 1) and
Student's t the level is .0197 a look: 5.04 % overall for 'better' or 'worse' (the normal approximation
gives 4.75 %), and 4.78 % for each one-sided test of TOST.
"""

from dataclasses import dataclass

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


def next_look(looks: Looks, seeds: int, *, decided: bool) -> int | None:
    """How many seeds to have at the next look, given how many are done.

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
