"""One real number for a whole sequence of real vectors."""

from seqcli.data.encoded_vectors import EncodedVectors
from seqcli.data.prepared import Kind, MetricScale, continuous

KIND = Kind(
    metric="MSE",
    higher_is_better=False,
    scale=MetricScale(margin=0.02, share=False, resolution=continuous),
    open_split=EncodedVectors.open,
)
