"""Settings as people read and write them: the words of the command line that says them, and their page.

The documentation is read from the record, so that a page of settings cannot disagree with what is checked.
"""

import ast
import inspect
import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from seqcli.config.faults import allowed_words
from seqcli.config.yaml_file import read_scalar

_MARKS = frozenset("'\"[")
"""What begins text that is read as YAML and not as one word."""


def option(key: str, value: object, *, repeated: bool = False) -> list[str]:
    """A setting that has an option: `--lr 0.01`, `--no-cost`, `--match hidden,params`.

    Args:
        key: Its name.
        value: Its value; of several, one option with commas between them says all.
        repeated: Whether the option stands once for each of its values instead.
    """
    name = key.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if not isinstance(value, tuple | list):
        return [f"--{name}", _plain(value)]
    if repeated:
        return [word for item in value for word in (f"--{name}", _plain(item))]
    if len(value) == 1 and not isinstance(value[0], str):
        return [f"--{name}", written(value)]  # `--seeds 7` would be seven seeds
    return [f"--{name}", ",".join(map(_plain, value))]


def assignment(key: str, value: object) -> list[str]:
    """A setting that has no option, or none for this value: `--set task.length=50`."""
    return ["--set", f"{key}={written(value)}"]


def written(value: object) -> str:
    """A value as `assignments.typed` reads it: a word that is read as itself bare, all else as JSON."""
    if isinstance(value, str) and value.strip(" ") == value == read_scalar(value) and value[0] not in _MARKS:
        return value
    return json.dumps(value)


def _plain(value: object) -> str:
    return "null" if value is None else str(value)


@dataclass(frozen=True)
class Documented:
    """One setting of a record.

    Args:
        name: As people write it.
        default: As people write it; None where it must be given.
        allowed: What completes 'must be …'.
        about: The text under the field, as one line.
    """

    name: str
    default: str | None
    allowed: str
    about: str


class _Nothing:
    """A value that no setting allows."""


def documented(record: type[BaseModel]) -> tuple[Documented, ...]:
    """Every setting of a record, in its order."""
    texts = _texts(record)
    return tuple(
        Documented(
            name=name,
            default=None if field.is_required() else written(field.default),
            allowed=_or_null(_allowed(record, name)) if field.default is None else _allowed(record, name),
            about=texts.get(name) or field.description or "",
        )
        for name, field in record.model_fields.items()
    )


def _allowed(record: type[BaseModel], name: str) -> str:
    """Return the record's own words for an allowed value, from its refusal."""
    try:
        record.model_validate({name: _Nothing()})
    except ValidationError as refused:
        of_this = [error for error in refused.errors(include_url=False) if error["loc"][:1] == (name,)]
        return " or ".join(dict.fromkeys(map(allowed_words, of_this))).replace("'", "")
    return "anything"


def _or_null(allowed: str) -> str:
    """'a, b or c' as 'a, b, c or null'."""
    return f"{allowed.replace(' or ', ', ')} or null"


def _texts(record: type[BaseModel]) -> Mapping[str, str]:
    """The string under each field, of the record and of those that it is made from."""
    texts: dict[str, str] = {}
    for kind in reversed(record.__mro__):
        if issubclass(kind, BaseModel) and kind is not BaseModel:
            texts.update(_own_texts(kind))
    return texts


def _own_texts(record: type[BaseModel]) -> Mapping[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(record))).body
    if not isinstance(tree, ast.ClassDef):
        return {}
    return {
        field.target.id: " ".join(below.value.value.split())
        for field, below in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }
