"""A result in a notebook's cell: the answer, and folded below it the details and the pictures of its page."""

import hashlib
import json

from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.sheet import kind_of, rewritten, sheet_of
from seqcli.reports.views.figure import has_pictures
from seqcli.results.shown_record import ShownRecord

BRIEF_PLACED = frozenset({"more"})
"""A terminal's pointers to its other options, which mean nothing in a notebook."""


def fragment(result: ShownRecord) -> str:
    """The result as HTML that leaves the rest of the page alone: no script, nothing fetched."""
    from seqcli.reports.draw.html_page import inline_svg, page_template
    from seqcli.reports.draw.panel import panels_of

    full = rewritten(sheet_of(result), printable)
    panels = panels_of(result) if has_pictures(kind_of(result)) else ()
    first = _first_number(result)
    return page_template("fragment.html.j2").render(
        answer=full if full.brief is None else full.brief,
        details=None if full.brief in (None, full) else full,
        more=full.more,
        left_out=BRIEF_PLACED,
        warnings=tuple(line for line in (full.brief or full).section("more") if line.mark),
        pictures=[(panel, inline_svg(panel, first + place)) for place, panel in enumerate(panels)],
    )


FRAGMENT = fragment


def _first_number(result: ShownRecord) -> int:
    """The number of the first picture: no other result of the notebook has ids of that number."""
    document = json.dumps(result.to_json(), sort_keys=True).encode()
    return int(hashlib.sha256(document).hexdigest()[:10], 16) * 100
