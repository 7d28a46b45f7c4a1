"""One real number for a whole sequence of real vectors."""

from seqcli.data.encoded_vectors import EncodedVectors
from seqcli.data.prepared import Kind

KIND = Kind(
    metric="MSE",
    higher_is_better=False,
    margin=0.02,
    open_split=EncodedVectors.open,
    share=False,
    resolution=lambda _: 0.0,
)
