"""A sequence for a sequence."""

from seqcli.data.encoded_pairs import EncodedPairs
from seqcli.data.own_pairs import OwnPairs
from seqcli.data.prepared import Kind, MetricScale, continuous

KIND = Kind(
    metric="BLEU",
    higher_is_better=True,
    scale=MetricScale(margin=0.5, share=False, resolution=continuous),
    scales={
        "chrF": MetricScale(margin=0.5, share=False, resolution=continuous),
        "exact_match": MetricScale(margin=0.005),
    },
    open_split=EncodedPairs.open_whole,
    own=lambda name: OwnPairs(name=name),
)
