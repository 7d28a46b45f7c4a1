"""Names of the records in `tests/reports/records.py` that more than one test draws."""

COMPARISONS = ("one", "two", "three", "six", "failed", "no costs", "all seeds failed", "one seed")
OTHER_SHEETS = (
    "train by class",
    "evaluate",
    "evaluate hostile",
    "conclude",
    "gated",
    "guide",
    "rerun",
    "runs",
    "run page",
    "run checks",
    "run pruning",
    "run difference",
    "translate",
    "bottleneck",
    "gradprobe",
    "calibration",
    "listing",
    "description",
    "cache",
    "doctor",
    "look",
    "work",
    "inspect",
)
"""One or more of every sheet beside those of `compare` and `train`."""
