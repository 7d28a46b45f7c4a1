"""Captions of a finished run's test images, wrong ones first, with where each word of them looked."""

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqcli.data.captions import CaptionRow
from seqcli.data.encoded_captions import EncodedCaptions
from seqcli.data.kind import KINDS, split_of
from seqcli.data.kinds.translate import right_text
from seqcli.data.labelled_rows import LabelledData
from seqcli.data.metric import AnswerRow
from seqcli.errors import SeqcliError
from seqcli.experiments.use_config import EvaluateConfig
from seqcli.results.train import CaptionExample, ImagePixels

if TYPE_CHECKING:
    from seqcli.data.prepared import Prepared
    from seqcli.training.captioner import Captioner

RIGHT = 2
"""Right captions beside the wrong ones: where a model that can read looks."""

MOST_PIECES = 48
"""Pieces of a caption whose attention is kept: one that finds no end has hundreds."""

DIGITS = 4
"""Of a patch's share: a ten-thousandth is no visible heat."""

Pixels = Callable[[int], NDArray[np.uint8]]
"""From the position of an example to its image (Y, X, I)."""


def own_captions(
    folder: Path,
    answers: Sequence[AnswerRow],
    config: EvaluateConfig,
    data: "Callable[[], Prepared]",
) -> tuple[list[CaptionExample], str]:
    """Examples of a run's own test split, and why their images are not at hand where they are not.

    Args:
        folder: The run.
        answers: The lines of its `predictions.jsonl`.
        config: How many wrong ones are wanted, and whether with what they are about.
        data: Opens the data that it was trained on.
    """
    from seqcli.experiments.caption_images import open_captioner

    places = chosen_places(answers, config)
    if not places:
        return [], ""
    plain = [_example(answers[place], place, None) for place in places]
    try:
        split = split_of(data(), "test", EncodedCaptions)
        captioner = open_captioner(folder, config)
    except (SeqcliError, OSError, ValueError) as error:
        return plain, error.message if isinstance(error, SeqcliError) else str(error)
    return [with_attention(each, split.images[split.image[each.example]], captioner) for each in plain], ""


def new_captions(
    captioner: object,
    data: LabelledData,
    answers: Sequence[AnswerRow],
    numbers: Sequence[int],
    *,
    config: EvaluateConfig,
) -> list[CaptionExample]:
    """Examples of new images, read once more: only these are kept.

    Args:
        captioner: The run; one of another kind has no such examples.
        data: The rows.
        answers: What was written below each.
        numbers: The number of each one's row.
        config: How many wrong ones are wanted.

    Raises:
        DataError: A row cannot be read any more.
    """
    from seqcli.training.captioner import Captioner

    if not isinstance(captioner, Captioner):
        return []
    places = chosen_places(answers, config)
    read = enumerate(data.read()) if places else ()
    images = {place: row.text for place, row in read if place in places}
    examples = []
    for place in places:
        image = images[place]
        if not isinstance(image, CaptionRow):
            raise TypeError("a row with a caption has an image")
        pixels = captioner.readable(image.load(), image.where)
        examples.append(with_attention(_example(answers[place], place, numbers[place]), pixels, captioner))
    return examples


def chosen_places(answers: Sequence[AnswerRow], config: EvaluateConfig) -> list[int]:
    """The positions of the first wrong captions and of some right ones, each of another image."""
    if not config.texts or not config.worst:
        return []
    wrong: dict[str, int] = {}
    right: dict[str, int] = {}
    for place, row in enumerate(answers):
        of_kind, most = (right, RIGHT) if row["predicted"] == right_text(row) else (wrong, config.worst)
        if len(of_kind) < most and row["image"] not in wrong and row["image"] not in right:
            of_kind[row["image"]] = place
    return [*wrong.values(), *right.values()]


def with_attention(
    example: CaptionExample, pixels: NDArray[np.uint8], captioner: "Captioner"
) -> CaptionExample:
    """The example with its image (Y, X, I), and with where each piece of what is written looked."""
    height, width, channels = pixels.shape
    image = ImagePixels(
        width=width,
        height=height,
        channels=channels,
        base64=base64.b64encode(np.ascontiguousarray(pixels).tobytes()).decode(),
    )
    looked: dict[str, object] = {}
    if captioner.attends:
        attention = captioner.attend(pixels)
        looked = {
            "pieces": list(attention.pieces[:MOST_PIECES]),
            "weights": np.round(attention.weights[:MOST_PIECES].astype(np.float64), DIGITS).tolist(),
        }
    return example.model_copy(update={"pixels": image, **looked})


def _example(row: AnswerRow, place: int, number: int | None) -> CaptionExample:
    return CaptionExample(
        example=place,
        row=number,
        image=row["image"],
        reference=right_text(row),
        predicted=row["predicted"],
    )


def writes_below_images(kind: str) -> bool:
    """Return whether runs of the kind have such examples."""
    return bool(kind) and KINDS.get(kind).of_images
