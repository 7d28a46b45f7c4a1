"""A refused value in words: where it was set, what is allowed, what was received, what to write."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from seqcli.config.settings import in_quotes
from seqcli.errors import UsageError

FAULTS_SHOWN = 5
"""How many faults one message lists before it only counts them."""

_ALLOWED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "model_type": "a group of settings",
    "dict_type": "a group of settings",
    "none_required": "nothing",
}


class _Set(Protocol):
    """The protocol of a setting: `seqcli.config.layers.Setting`."""

    @property
    def value(self) -> object: ...
    @property
    def origin(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Args:
        origin: Where it was set; None when it is nowhere.
        message: What is wrong with it.
    """

    origin: str | None
    message: str

    def __str__(self) -> str:
        return self.message if self.origin is None else f"{self.origin}: {self.message}"


def usage_error(faults: Iterable[Fault], hint: str | None = None) -> UsageError:
    """One error for all faults: a line each, the first few in full."""
    lines = [str(fault) for fault in faults]
    more = len(lines) - FAULTS_SHOWN
    tail = [f"and {more} more"] if more > 0 else []
    return UsageError("\n".join(lines[:FAULTS_SHOWN] + tail), hint)


def shown(value: object) -> str:
    """A value as a person may have written it, short and without control characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    # Python refuses to write numbers of more than 4,300 digits, and a line has no room for 40.
    if isinstance(value, int) and abs(value) >= 10**40:
        return "a number of more than 40 digits"
    if isinstance(value, tuple | list):
        inside = ", ".join(shown(item) for item in value[:6]) + (", …" if len(value) > 6 else "")
        return shortened(f"[{inside}]")
    return shortened(repr(value) if isinstance(value, str | int | float) else repr(str(value)))


def shown_key(key: str) -> str:
    """A setting's name, quoted where it is not an ordinary one."""
    return key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]{0,60}", key) else shortened(repr(key))


def shortened(text: str, limit: int = 80) -> str:
    """The text, its middle left out where it is longer than the limit (in characters)."""
    return text if len(text) <= limit else f"{text[: limit - 20]}…{text[-19:]}"


def explained(
    refused: ValidationError, keys: Mapping[tuple[str, ...], str], settings: Mapping[str, _Set]
) -> list[Fault]:
    """The faults that a record found, one for each setting, in the record's order.

    Args:
        refused: What the record raised.
        keys: The setting's flat name by its attribute path.
        settings: The settings by flat name.
    """
    places: dict[str, dict[str, list[ErrorDetails]]] = {}
    for error in refused.errors(include_url=False):
        key, item = _place(error["loc"], keys)
        places.setdefault(key, {}).setdefault(item, []).append(error)
    for items in places.values():
        if len(items) > 1:  # wrong items of a list are nearer than 'no list' is: drop the other choices
            items.pop("", None)
    return [
        _fault(key, item, errors, settings) for key, items in places.items() for item, errors in items.items()
    ]


def _place(loc: tuple[int | str, ...], keys: Mapping[tuple[str, ...], str]) -> tuple[str, str]:
    """The setting's name, and which item of it, that an error's location points at."""
    names = tuple(str(part) for part in loc)
    for length in range(len(names), 0, -1):
        if names[:length] in keys:
            items = [f", item {part + 1}" for part in loc[length:] if isinstance(part, int)]
            return keys[names[:length]], "".join(items[:1])
    return ".".join(names), ""


def _fault(key: str, item: str, errors: list[ErrorDetails], settings: Mapping[str, _Set]) -> Fault:
    first = errors[0]
    setting = settings.get(key)
    if first["type"] == "missing":
        return Fault(None, f"{key} is not set, and it has no default")
    if first["type"] == "clash":
        names = [f"{key}.{name}" if key else name for name in first["ctx"]["names"]]
        places = (f"{name}: {settings[name].origin if name in settings else 'default'}" for name in names)
        return Fault(None, f"{first['ctx']['message']} ({'; '.join(places)})")
    origin = setting.origin if setting else None
    named = origin is not None and origin.startswith(("--", "SEQCLI_"))
    subject = f"{origin}{item}" if named else f"{shown_key(key)}{item}" if key else ""
    value = setting.value if setting and not item else first["input"]
    return Fault(None if named else origin, _sentence(subject, errors, value))


def _sentence(subject: str, errors: list[ErrorDetails], value: object) -> str:
    """'hidden must be a whole number of at least 1, got '64' (write it without quotes: 64)'."""
    own_words = next((_own_words(error) for error in errors if _own_words(error)), None)
    if own_words:
        return f"{subject}: {own_words}" if subject else own_words
    allowed = " or ".join(dict.fromkeys(allowed_words(error) for error in errors))
    advice = next(filter(None, (_advice(error, value, allowed) for error in errors)), "")
    return f"{subject} must be {allowed}, got {shown(value)}" + (f" ({advice})" if advice else "")


def _own_words(error: ErrorDetails) -> str | None:
    """The message of a record's own validator."""
    return error["msg"].split(", ", 1)[-1] if error["type"] in {"value_error", "assertion_error"} else None


def allowed_words(error: ErrorDetails) -> str:
    """Return the words that complete 'must be …'."""
    if error["type"] == "allowed":
        return str(error["ctx"]["allowed"])
    return _ALLOWED.get(error["type"]) or error["msg"].removeprefix("Input should be ")


def _advice(error: ErrorDetails, value: object, allowed: str) -> str:
    """Return the advice on what to write instead, where there is any."""
    if error["type"] == "string_type":
        return in_quotes(value)
    if not isinstance(value, str):
        return str(error.get("ctx", {}).get("advice", ""))
    if error["type"] == "literal_error":
        near = get_close_matches(value, re.findall(r"'([^']*)'", error["ctx"]["expected"]), n=1)
        return f"did you mean {near[0]}?" if near else ""
    if "number" in allowed:
        return _number_advice(value)
    if error["type"] == "bool_type" and value.lower() in {
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "true",
        "false",
    }:
        return "write true or false, without quotes"
    return str(error.get("ctx", {}).get("advice", ""))


def _number_advice(text: str) -> str:
    """Return the reason why text that looks like a number is not one."""
    plain = text.replace("_", "")
    if re.fullmatch(r"[-+]?0[0-9]{1,18}", plain):
        return f"a number does not begin with 0: write {int(plain)}"
    if re.fullmatch(r"[-+]?[0-9]{1,18}(:[0-5]?[0-9])+", text):
        return "a number has no colon; older YAML reads this one as base 60"
    if re.fullmatch(r"0[xob][0-9a-fA-F]{1,15}", plain):
        return "write it in decimal"
    if re.fullmatch(r"[-+]?[0-9]{1,18}(\.[0-9]{0,18})?", plain):
        return f"write it without quotes or underscores: {plain}"
    return ""
