"""YAML text to flat settings, each with its line; whatever a configuration has no use for is refused.

Only PyYAML's events are read, so no constructor ever runs: no aliases, so nothing expands; no tags, so
nothing is built; one document, a bounded depth, every name once, lists of plain values only.
"""

from collections.abc import Callable, Iterator

import yaml
from yaml.reader import ReaderError

from seqcli.config.faults import shortened, shown, shown_key
from seqcli.config.layers import Setting, flat_name
from seqcli.config.scalars import read_scalar
from seqcli.config.yaml_syntax import plain_fault
from seqcli.errors import UsageError

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
        what = "a list" if isinstance(first, yaml.SequenceStartEvent) else "a single value"
        raise UsageError(
            f"{_at(first, place)}: {what} where settings belong", "Write 'name: value' on each line."
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
