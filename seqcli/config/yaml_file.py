"""A YAML file as a layer of settings: YAML 1.2's core schema, keys with lines, faults in plain words."""

import codecs
import math
import re
import stat
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import yaml
from yaml import MarkedYAMLError
from yaml.reader import ReaderError

from seqcli.config.faults import shortened, shown, shown_key
from seqcli.config.layers import Setting, flat_name
from seqcli.config.names import path_from, relocated
from seqcli.errors import UsageError, disk_fault

_WORDS: dict[str, bool | None] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})")
_DECIMAL = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{0,99})?|\.[0-9]{1,99})(?:[eE][-+]?[0-9]{1,4})?"
)


def read_scalar(text: str) -> bool | int | float | str | None:
    """The value of an unquoted scalar: true or false, null, a finite decimal number, or the text itself.

    `no`, `on`, `012`, `1_000`, `0x10`, `12:30`, `2020-01-01`, `.nan` and `.inf` stay text, as do numbers of
    more than 19 digits or beyond a float.

    Source: YAML 1.2.2, section 10.3.2 (core schema), without its octal, hexadecimal, infinity and NaN.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if (
        _DECIMAL.fullmatch(text)
        and not text.lstrip("+-").isdecimal()
        and math.isfinite(number := float(text))
    ):
        return number
    return text


class _Plain(NamedTuple):
    """The message for one kind of error; `opened` blames the line where the construct began."""

    problem: str
    message: str
    hint: str
    opened: bool = False


_UNCLOSED = "The quote, bracket or brace that opens in this line must be closed."

_PLAIN = (
    _Plain("found character '\\t'", "a tab", "Indent and separate with spaces: YAML takes no tabs."),
    _Plain("found character", "a value cannot begin with this sign", "Put the value in quotes."),
    _Plain(
        "mapping values are", "a ':' where no setting can begin", "Check the indentation, or quote the text."
    ),
    _Plain(
        "could not find expected ':'", "not of the form 'name: value'", "Is a colon missing?", opened=True
    ),
    _Plain("expected <block end>", "does not fit the lines above", "Check the indentation and the quotes."),
    _Plain("found unexpected end of stream", "a quote is never closed", _UNCLOSED, opened=True),
    _Plain("found unexpected document separator", "a quote is never closed", _UNCLOSED, opened=True),
    _Plain("expected ',' or", "a list or group is not closed, or a comma is missing", _UNCLOSED, opened=True),
    _Plain("found unknown escape", "not an escape", "Write backslashes in single quotes, or double them."),
    _Plain(
        "expected escape sequence", "not an escape", "Write backslashes in single quotes, or double them."
    ),
    _Plain(
        "expected alphabetic or numeric", "'&' and '*' begin anchors and aliases", "Put the text in quotes."
    ),
    _Plain("expected the node content", "no value can begin here", "Put the text in quotes."),
    _Plain("sequence entries are not", "a list's '-' stands at the beginning of a line", "Or write [a, b]."),
)


def plain_fault(error: MarkedYAMLError, place: Callable[[int], str]) -> UsageError:
    """The error for people.

    Args:
        error: What PyYAML raised.
        place: A line's name for people, from its number: 'exp.yaml:12'.
    """
    problem = error.problem or "unknown"
    known = next((plain for plain in _PLAIN if problem.startswith(plain.problem)), None)
    opened = known is not None and known.opened
    mark = (error.context_mark if opened else None) or error.problem_mark
    line = mark.line + 1 if mark else 1
    message, hint = (known.message, known.hint) if known else (f"not YAML: {problem}", None)
    return UsageError(f"{place(line)}: {message}", hint)


DEEPEST = 8
"""How many groups and lists may be open at once; settings need three."""

Place = Callable[[int], str]
"""A line's name for people, from its number: 'exp.yaml:12'."""


def parse_settings(text: str, place: Place) -> dict[str, Setting]:
    """The settings of one YAML document by flat name; each one's origin is the line of its value.

    Raises:
        UsageError: No settings, not YAML, or YAML that a configuration has no use for; the line is named.
    """
    events = _events(text, place)
    first = next(events, None)
    if first is None or (isinstance(first, yaml.ScalarEvent) and _value(first, place) is None):
        raise UsageError(
            f"{place(1)}: no settings: the file is empty", "Write 'name: value', one on each line."
        )
    if not isinstance(first, yaml.MappingStartEvent):
        form = "a list" if isinstance(first, yaml.SequenceStartEvent) else "a single value"
        raise UsageError(
            f"{_at(first, place)}: {form} where settings belong", "Write 'name: value' on each line."
        )
    settings: dict[str, Setting] = {}
    _read_group("", events, place, settings)
    _read_to_the_end(events)
    return settings


def parse_value(text: str, place: Place) -> object:
    """The single value or list that a text holds; a list is a tuple.

    Raises:
        UsageError: Not YAML, or a group of settings.
    """
    events = _events(text, place)
    first = next(events, None)
    value = None if first is None else _read_value("the value", first, events, place)
    _read_to_the_end(events)
    return value


def _events(text: str, place: Place) -> Iterator[yaml.Event]:
    """The events of one document's content, bounded and free of aliases and tags."""
    depth, documents = 0, 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            documents += isinstance(event, yaml.DocumentStartEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if documents > 1:
                raise UsageError(
                    f"{_at(event, place)}: a second document", "Keep one; remove the line '---'."
                )
            if depth > DEEPEST:
                raise UsageError(f"{_at(event, place)}: more than {DEEPEST} groups inside one another")
            _refuse_machinery(event, place)
            if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                yield event
    except yaml.MarkedYAMLError as error:
        raise plain_fault(error, place) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UsageError(f"{place(line)}: the control character U+{ord(text[error.position]):04X}") from None
    except (ValueError, OverflowError):
        raise UsageError(f"{place(1)}: an escape that names no character") from None


def _refuse_machinery(event: yaml.Event, place: Place) -> None:
    """Refuses aliases, which can expand without bound, and tags, which name types to build.

    Raises:
        UsageError: The event is an alias or has a tag.
    """
    if isinstance(event, yaml.AliasEvent):
        raise UsageError(
            f"{_at(event, place)}: the alias *{shortened(str(event.anchor), 40)}: aliases are not read",
            "Write the value out, or put the text in quotes.",
        )
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise UsageError(
            f"{_at(event, place)}: the tag {shortened(shown(tag), 60)}: tags are not read",
            "Leave it out; quotes make a value text.",
        )


def _read_to_the_end(events: Iterator[yaml.Event]) -> None:
    """Reads what is left, so that a fault behind the first value is found."""
    for _ in events:
        pass


def _read_group(
    prefix: str, events: Iterator[yaml.Event], place: Place, settings: dict[str, Setting]
) -> None:
    """Adds the settings of the group that has just opened."""
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            return
        key = prefix + _key(event, place)
        value = next(events)
        if isinstance(value, yaml.MappingStartEvent):
            before = len(settings)
            _read_group(f"{key}.", events, place, settings)
            if len(settings) == before:
                raise UsageError(f"{_at(event, place)}: {shown_key(key)} is a group without settings")
            continue
        at = _at(value if isinstance(value, yaml.ScalarEvent) else event, place)
        name = flat_name(key)
        if name in settings:
            raise UsageError(f"{at}: {shown_key(name)} is given twice, first at {settings[name].origin}")
        settings[name] = Setting(_read_value(shown_key(name), value, events, place), at)


def _key(event: yaml.Event, place: Place) -> str:
    """A setting's name.

    Raises:
        UsageError: A number, boolean, null or collection stands where a name belongs.
    """
    if not isinstance(event, yaml.ScalarEvent):
        raise UsageError(f"{_at(event, place)}: a list or group where a setting's name belongs")
    key = _value(event, place)
    if not isinstance(key, str) or not key:
        raise UsageError(f"{_at(event, place)}: a setting's name is text, got {shown(key)}")
    return key


def _read_value(name: str, first: yaml.Event, events: Iterator[yaml.Event], place: Place) -> object:
    """The value that begins with this event: a scalar, or a list of scalars as a tuple.

    Raises:
        UsageError: A group, or a list that holds one or another list.
    """
    if isinstance(first, yaml.ScalarEvent):
        return _value(first, place)
    if not isinstance(first, yaml.SequenceStartEvent):
        raise UsageError(f"{_at(first, place)}: {name} is a group, not a single value or a list")
    items = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        if not isinstance(event, yaml.ScalarEvent):
            raise UsageError(
                f"{_at(event, place)}: {name}: a list or group inside a list",
                "A list holds plain values; put text with ': ' in quotes.",
            )
        items.append(_value(event, place))
    return tuple(items)


def _value(event: yaml.ScalarEvent, place: Place) -> bool | int | float | str | None:
    """The value of a scalar; quoted and block scalars are text.

    Raises:
        UsageError: Half of a surrogate pair, which no file can hold.
    """
    if event.implicit[0]:
        return read_scalar(event.value)
    try:
        return event.value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise UsageError(
            f"{_at(event, place)}: half of a surrogate pair", "Write the character itself, not an escape."
        ) from None


def _at(event: yaml.Event, place: Place) -> str:
    return place(event.start_mark.line + 1 if event.start_mark else 1)


LARGEST = 100_000
"""The most bytes of a configuration file."""


def load(path: Path, paths: Collection[str] = (), locations: Collection[str] = ()) -> dict[str, Setting]:
    """The settings of a YAML file by flat name, each with 'file:line' as its origin.

    Args:
        path: The file; its name appears in messages as given here.
        paths: The settings whose values are paths: those are relative to the file's folder, and '~' is
            the home folder.
        locations: The settings that say where data lies: the paths in them are relative to that folder too.

    Raises:
        UsageError: No readable ordinary file of at most 100 kB, not UTF-8, or not a configuration; the line
            is named.
    """
    content = _read(path)
    settings = parse_settings(_decoded(content, path), lambda line: f"{path}:{line}")
    relative_to_file = partial(path_from, path.parent)
    moved = {
        **dict.fromkeys(paths, relative_to_file),
        **dict.fromkeys(locations, partial(relocated, moved=relative_to_file)),
    }
    return {
        key: Setting(_moved(setting.value, moved[key]), setting.origin) if key in moved else setting
        for key, setting in settings.items()
    }


def _read(path: Path) -> bytes:
    """The bytes of an ordinary file; a pipe or device is never opened, so nothing waits."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            file_type = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
            raise UsageError(f"the configuration {path} is {file_type}, not a file", "Name a YAML file.")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)  # one byte more tells a file that is larger
    except FileNotFoundError:
        raise UsageError(f"there is no configuration file {path}", "Name an existing YAML file.") from None
    except (OSError, ValueError) as error:
        if (fault := disk_fault(error)) is not None:
            raise fault from error
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"the configuration {path} cannot be read: {reason}", "Name a YAML file.") from None
    if len(content) > LARGEST:
        raise UsageError(
            f"the configuration {path} is larger than {LARGEST:,} bytes", "Is it the right file?"
        )
    return content


def _decoded(content: bytes, path: Path) -> str:
    """The text of a UTF-8 file; YAML itself passes over a byte order mark.

    Raises:
        UsageError: Another encoding; the line of the first byte that does not fit is named.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UsageError(f"{path}:1: the file is UTF-16", "Save it as UTF-8.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}:{line}: the byte 0x{content[error.start]:02X} is not UTF-8", "Save it as UTF-8."
        ) from None


def _moved(value: object, moved: Callable[[str], str]) -> object:
    """The value with every text in it moved."""
    if isinstance(value, tuple):
        return tuple(_moved(item, moved) for item in value)
    return moved(value) if isinstance(value, str) and value else value
