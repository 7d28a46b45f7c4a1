"""A result as one HTML file with everything in it; checked before anything is measured, written whole."""

import re
from dataclasses import dataclass
from io import BytesIO

import matplotlib as mpl
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from seqcli import __version__
from seqcli.reports.draw.axes import ROLES
from seqcli.reports.draw.document import document_of
from seqcli.reports.draw.panel import Panel, house_style, single
from seqcli.reports.draw.picture import check_place
from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.sheet import GLYPHS, Result, parts
from seqcli.runs.named_file import NamedFile

TAG = re.compile(r"<[^>]+>")
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
NAME = re.compile(r'\b(id="|href="#|url\(#)')
ROOT = re.compile(r'<svg [^>]*?viewBox="([^"]+)"[^>]*>')
DROPPED = re.compile(r"<metadata>.*?</metadata>|<style .*?</style>", re.DOTALL)
FAMILY = re.compile(r"font-family: [^;\"]*;?")
VARIABLES = {light: f"var(--{role})" for role, (light, _) in ROLES.items()}


def inline_svg(panel: Panel, number: int) -> Markup:
    """The panel as an `svg` element with a title and a description; its size is the page's to choose.

    Args:
        panel: What to draw.
        number: Its place on the page, which makes the names inside it the page's only ones.
    """
    stream = BytesIO()
    with house_style(), mpl.rc_context({"svg.fonttype": "none"}):
        single(panel).savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    text = stream.getvalue().decode()
    body = DROPPED.sub("", text[text.index("<svg") :])
    root = ROOT.match(body)
    if root is None:
        raise ValueError("matplotlib wrote an SVG without a viewBox")
    inner = TAG.sub(lambda tag: _own(tag[0], number), body[root.end() :])
    title, about = escape(printable(panel.title)), escape(panel.about)
    head = (
        f'<svg viewBox="{root[1]}" role="img" aria-labelledby="f{number}-title f{number}-about">'
        f'<title id="f{number}-title">{title}</title><desc id="f{number}-about">{about}</desc>'
    )
    return Markup(head + inner)  # noqa: S704 - matplotlib escapes every text it is given, and so does this


def _own(tag: str, number: int) -> str:
    """A tag with the page's colours and with names that no other picture of the page has."""
    named = NAME.sub(lambda match: f"{match[1]}f{number}-", tag)
    return FAMILY.sub("", COLOUR.sub(lambda match: VARIABLES.get(match[0], match[0]), named))


PLACED = frozenset(
    {"recommendation", "legend", "baselines", "what the guide says", "notes on the data", "signature"}
)
"""The sections of a sheet that have a place of their own on the page; the others follow under their names."""


def render_page(result: Result, *, command: str) -> str:
    """The result as one self-contained page.

    Args:
        result: What to show.
        command: The command line that repeats it.
    """
    document = document_of(result)
    return page_template("page.html.j2").render(
        document=document,
        pictures=[
            (panel, inline_svg(panel, number)) for number, panel in enumerate(document.panels, start=1)
        ],
        rest=document.sheet.besides(PLACED),
        command=printable(command),
        version=__version__,
    )


def opening(text: str) -> tuple[str, str]:
    """The first sentence, which a reader in a hurry reads, and what follows it."""
    first, stop, rest = text.partition(". ")
    return first + stop.rstrip(), f" {rest}" if rest else ""


def page_template(name: str) -> Template:
    """A template beside this file; every text in it is escaped unless it is markup of our own."""
    environment = Environment(
        loader=PackageLoader("seqcli.reports.draw", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["opening"] = opening
    environment.filters["apart"] = lambda text: " · ".join(parts(text))
    environment.globals.update(glyphs=GLYPHS, light=_variables(0), dark=_variables(1))
    return environment.get_template(name)


def _variables(theme: int) -> Markup:
    """The palette as CSS variables."""
    return Markup("").join(f"--{role}:{pair[theme]};" for role, pair in ROLES.items())


KINDS = (".html", ".htm")


@dataclass(frozen=True)
class PageFile:
    """A page's file."""

    file: NamedFile

    def save(self, html: str) -> None:
        """Write the page.

        Raises:
            StorageError: The disk is full or fails.
        """
        self.file.save(html.encode())


def check_page(name: str | None) -> PageFile | None:
    """The page asked for, if any, once it is clear that it can be written there.

    Raises:
        UsageError: Not a kind of page, no such folder, or a folder itself.
    """
    return None if name is None else PageFile(check_place(name, "--report", KINDS, noun="page"))
