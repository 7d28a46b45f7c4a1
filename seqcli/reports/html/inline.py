"""A panel as SVG within a page: text that is text, colours that follow the page's, names of its own."""

import re
from io import BytesIO

import matplotlib as mpl
from markupsafe import Markup, escape

from seqcli.reports.palette import ROLES
from seqcli.reports.panel import Panel, alone, house_style
from seqcli.reports.printable import printable

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
        alone(panel).savefig(stream, format="svg", transparent=True, metadata={"Date": None})
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
    named = NAME.sub(lambda found: f"{found[1]}f{number}-", tag)
    return FAMILY.sub("", COLOUR.sub(lambda found: VARIABLES.get(found[0], found[0]), named))
