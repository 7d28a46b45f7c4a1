"""One symbol for every step, judged by how likely the right ones were thought."""

from seqcli.data.encoded_steps import EncodedSteps
from seqcli.data.prepared import Kind

KIND = Kind(
    metric="cross_entropy",
    higher_is_better=False,
    margin=0.02,
    open_split=EncodedSteps.open,
    share=False,
    resolution=lambda _: 0.0,
)
