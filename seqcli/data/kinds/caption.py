"""A sentence for an image."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial

from seqcli.data.encoded_captions import EncodedCaptions, ImageViews
from seqcli.data.kind import Examples, Kind, KindFit, OwnData, ReadyData
from seqcli.data.kinds.translate import BLEU, CHRF, EXACT, written_lines
from seqcli.errors import SeqcliError
from seqcli.registry import later
from seqcli.results.inspect import ColumnLook


def examples(prepared: ReadyData, split: str) -> Examples:
    """The pixels of each image, and its caption."""
    captions = prepared.splits[split]
    if not isinstance(captions, EncodedCaptions):
        raise TypeError(f"the splits of captions are images and texts, not {type(captions).__name__}")
    return ImageViews(captions), list(captions.references)


BASELINES = {
    "majority": "most frequent caption",
    "nearest-image": "nearest image",
    "cut-cells": "digits cut out",
}


def _with_cells(prepared: ReadyData) -> Collection[str]:
    """The baselines that fit: what reads cells needs a task that knows of them."""
    images = prepared.facts.images
    return [name for name in BASELINES if name != "cut-cells" or (images is not None and images.cells)]


def fits_columns(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The columns of images' names and captions of a table, by their content; None where it lacks one."""
    from seqcli.data.caption_columns import fits_captions

    return fits_captions(looks)


def _unmistakable(config: OwnData) -> bool:
    """Return whether a table, or the one table of a folder, names images and holds texts beside them."""
    others = (config.text_column, config.time_column, config.id_column, config.step_column)
    if config.location is None or config.pairs or any(others):
        return False
    from seqcli.data.caption_columns import caption_table, choose_caption_columns, names_images
    from seqcli.data.config import DataConfig

    options = config if isinstance(config, DataConfig) else DataConfig()
    if options.label_column is not None:
        return False
    with suppress(SeqcliError):  # whoever reads the data tells what is wrong with it
        table = caption_table(config.location, options)
        return bool(names_images(table)) and bool(choose_caption_columns(table, options))
    return False


KIND = Kind(
    architecture="one-to-many",
    metrics=(EXACT, BLEU, CHRF),
    open_split=EncodedCaptions.open,
    prediction_lines=partial(written_lines, read="image"),
    own=later("seqcli.data.caption_task", "OwnCaptions"),
    fits=fits_columns,
    meant=_unmistakable,
    told_by=frozenset({"image_column", "caption_column"}),
    baselines=BASELINES,
    examples=examples,
    fitting=_with_cells,
    of_images=True,
    use="seqcli predict . IMAGE.png",
    further_metrics=lambda _: (EXACT, BLEU, CHRF),
)
