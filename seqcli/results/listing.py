"""The choices there are, and one of them in full: `seqcli tasks`, `seqcli models`."""

from typing import Literal

from pydantic import Field

from seqcli.results.record import Record


class Choice(Record):
    """One thing that can be chosen by its name, in a few words."""

    name: str
    about: str
    group: str | None = None
    command: str | None = None


class Listing(Record):
    """`seqcli tasks`, `seqcli models` or `seqcli kinds`: all there are, by name."""

    schema_: Literal["seqcli.listing/1"] = Field(default="seqcli.listing/1", alias="schema")
    what: Literal["tasks", "models", "kinds"]
    entries: list[Choice]


class PageFact(Record):
    """One line of a page: its heading, '' where it goes on with the one above, and its text."""

    name: str
    text: str


class Description(Record):
    """`seqcli tasks NAME`, `seqcli models NAME` or `seqcli doctor`: its facts, and the settings it takes."""

    schema_: Literal["seqcli.description/1"] = Field(default="seqcli.description/1", alias="schema")
    what: Literal["task", "model", "machine"]
    name: str
    about: str
    facts: list[PageFact]
    settings: list[PageFact]
