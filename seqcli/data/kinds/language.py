"""Which symbols may follow, at every step of a string of a formal language."""

from seqcli.data.counted import CountedStrings
from seqcli.data.prepared import Kind, MetricScale

KIND = Kind(
    metric="largest_n",
    higher_is_better=True,
    scale=MetricScale(margin=1.0, share=False, resolution=lambda _: 1.0),
    open_split=CountedStrings.open,
)
