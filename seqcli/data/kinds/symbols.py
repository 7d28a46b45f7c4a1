"""One symbol for every step, judged by how likely the right ones were thought."""

from seqcli.data.encoded_steps import EncodedSteps
from seqcli.data.prepared import Kind, MetricScale, continuous

KIND = Kind(
    metric="cross_entropy",
    higher_is_better=False,
    scale=MetricScale(margin=0.02, share=False, resolution=continuous),
    open_split=EncodedSteps.open,
)
