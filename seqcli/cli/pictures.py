"""`--plot` and `--report`: where they go is checked before anything runs, and drawn when all is known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqcli.cli import options
from seqcli.cli.flags import Flag, Given, flags

if TYPE_CHECKING:
    from seqcli.reports.draw.html_page import PageFile
    from seqcli.reports.draw.picture import Picture
    from seqcli.reports.draw.sheet import Result

# The line that names the letters missing in a font stays one line.
MOST_LETTERS = 10


def picture_flags(drawn: str) -> tuple[Flag, ...]:
    """`--plot` of what is drawn, and `--report`."""
    return flags(
        options.OUTPUT,
        f"""
        --plot FILE    also draw {drawn} into this .png, .svg or .pdf
        --report FILE  also write a page that holds everything into this .html
        """,
        setting=False,
    )


FLAGS = picture_flags("seeds, intervals, speed and learning curves")


@dataclass(frozen=True)
class Pictures:
    """The outputs besides the table: a picture, a page, both or neither."""

    picture: "Picture | None"
    page: "PageFile | None"

    def __bool__(self) -> bool:
        return self.picture is not None or self.page is not None

    def draw(self, result: "Result", command: Callable[[], str]) -> None:
        """Draw what was asked for.

        Args:
            result: A result that has pictures.
            command: Tells the command line that repeats it.

        Raises:
            StorageError: The disk is full or fails.
        """
        if self.picture is not None:
            from seqcli.reports.draw.panel import draw_all

            tell_lacking(self.picture, self.picture.save(draw_all(result)))
        if self.page is not None:
            from seqcli.reports.draw.html_page import render_page

            self.page.save(render_page(result, command=command()))


def tell_lacking(picture: "Picture", letters: tuple[str, ...]) -> None:
    """Tell which letters of a picture are empty boxes, for want of a font."""
    from seqcli.cli.run import warn

    if letters:
        examples = " ".join(letters[:MOST_LETTERS]) + (" …" if len(letters) > MOST_LETTERS else "")
        name = f"{len(letters)} letter{'s' if len(letters) > 1 else ''}"
        warn(
            [
                f"{picture.file.name}: no installed font has {name}, drawn as empty boxes: {examples}",
                "Install a font of that script, such as one of Noto's, and draw again.",
            ]
        )


def check_pictures(given: Given) -> Pictures:
    """Return the outputs asked for, once it is clear that they can be written there.

    Raises:
        UsageError: An ending that says nothing, no such folder, or a folder itself.
    """
    picture = None
    if given.get("plot") is not None:
        from seqcli.reports.draw.picture import check_picture

        picture = check_picture(given["plot"])
    if given.get("report") is None:
        return Pictures(picture, None)
    from seqcli.reports.draw.html_page import check_page  # which loads matplotlib

    return Pictures(picture, check_page(given["report"]))
