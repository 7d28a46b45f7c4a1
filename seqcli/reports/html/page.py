"""A result as a page: one HTML file with everything in it, which asks nobody for anything."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from seqcli import __version__
from seqcli.reports.html.document import document_of
from seqcli.reports.html.inline import inline_svg
from seqcli.reports.marks import GLYPHS
from seqcli.reports.palette import ROLES
from seqcli.reports.printable import printable
from seqcli.reports.sheet import Result, parts

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
    template = _environment().get_template("page.html.j2")
    return template.render(
        document=document,
        pictures=[
            (panel, inline_svg(panel, number)) for number, panel in enumerate(document.panels, start=1)
        ],
        rest=document.sheet.besides(PLACED),
        command=printable(command),
        version=__version__,
    )


def _environment() -> Environment:
    """Templates beside this file; every text is escaped unless it is markup of our own."""
    environment = Environment(
        loader=PackageLoader("seqcli.reports.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["apart"] = lambda text: " · ".join(parts(text))
    environment.globals.update(glyphs=GLYPHS, light=_variables(0), dark=_variables(1))
    return environment


def _variables(which: int) -> Markup:
    """The palette as CSS variables."""
    return Markup("").join(f"--{role}:{pair[which]};" for role, pair in ROLES.items())
