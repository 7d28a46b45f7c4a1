"""One class for a whole text."""

from seqcli.data.encoded import EncodedTexts
from seqcli.data.own_texts import OwnTexts
from seqcli.data.prepared import Kind

KIND = Kind(
    metric="accuracy",
    higher_is_better=True,
    open_split=EncodedTexts.open,
    own=lambda name: OwnTexts(name=name),
    baselines={"majority": "majority class", "bow": "bag of words"},
)
