"""The documentation in a record of settings: each setting's default, allowed values, purpose.

All of it is read from the record, so that a page of settings cannot disagree with what is checked.
"""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from seqcli.config.faults import allowed_words
from seqcli.config.words import written


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
