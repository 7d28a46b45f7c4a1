"""`seqcli predict` of a run that writes captions: where its images come from, and what is refused."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.cli.flags import Given

if TYPE_CHECKING:
    from seqcli.experiments.caption_images import AttendedImage, NewImage
    from seqcli.experiments.use_config import PredictConfig
    from seqcli.runs.named_file import NamedFile

NOT_OF_IMAGES = ("text_column", "id_column", "step_column", "value_column", "all_classes")
"""Options of runs that label texts or numbers."""


def caption_images(given: Given, config: "PredictConfig", file: "NamedFile | None", form: str) -> None:
    """Write a caption for each image: arguments, a list of paths, a table or a folder.

    Raises:
        UsageError: An option of other runs was given, or there is no image.
        DataError: An image cannot be read.
    """
    from seqcli.cli.run import warn
    from seqcli.cli.text_lines import answering, refuse_options
    from seqcli.experiments.caption_images import attended, captioned, check_alone, open_captioner
    from seqcli.reports.draw.picture import check_picture
    from seqcli.reports.line_formats import label_lines

    refuse_options(given, NOT_OF_IMAGES, "images")
    picture = check_picture(given["plot"])
    captioner = open_captioner(Path(given["run"]), config)
    if captioner.note:
        warn([captioner.note])
    images, count = given_images(given, captioner.shape.image_column), 0
    if picture is not None:
        drawn = check_alone(list(islice(images, 2)))
        draw(given, attended(captioner, drawn))
        images = iter([drawn])
    with answering(file) as answer:
        while block := list(islice(images, config.batch_size)):
            answers = captioned(captioner, block)
            answer(label_lines([(each.image, each) for each in answers], form, count))
            count += len(block)


def given_images(given: Given, known_column: str) -> Iterator["NewImage"]:
    """The images that a person names.

    Raises:
        UsageError: There is none, or more than one way to name them.
        DataError: What names them cannot be read.
    """
    from seqcli.cli.text_lines import new_table, sources
    from seqcli.data.caption_columns import is_image_name
    from seqcli.errors import UsageError
    from seqcli.experiments.caption_images import NewImage, images_of

    if given["data"]:
        if given["texts"] or given["input"]:
            raise UsageError("--data excludes images by name and --input", "Drop one of the two.")
        yield from images_of(new_table(given, "image_column"), known_column)
        return
    named = [given["input"]] if given["input"] and is_image_name(given["input"]) else given["texts"] or []
    if named and list(named) != ["-"]:
        yield from (NewImage(path, path) for path in named)
        return
    blocks, _ = sources(given)
    for block in blocks:
        yield from (NewImage(path, path) for path in block if path.strip())


def draw(given: Given, attention: "AttendedImage") -> None:
    """Draw where each piece of an image's caption looked."""
    from seqcli.cli.pictures import tell_lacking
    from seqcli.reports.draw.picture import check_picture
    from seqcli.reports.parts.image_attention_figure import draw_image_attention

    picture = check_picture(given["plot"])
    if picture is None:
        return
    note = f"seqcli predict {given['run']} {attention.name}"
    figure = draw_image_attention(attention.pixels, attention.pieces, attention.weights, note)
    tell_lacking(picture, picture.save(figure))
