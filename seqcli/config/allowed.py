"""A type's own words for what it allows, so that messages and types cannot disagree."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import ValidatorFunctionWrapHandler, no_info_wrap_validator_function


def not_allowed(allowed: str, advice: str = "") -> PydanticCustomError:
    """The error of a value outside its type: `allowed` completes 'must be …', `advice` says what to write."""
    return PydanticCustomError("allowed", "must be {allowed}", {"allowed": allowed, "advice": advice})


def in_quotes(value: object) -> str:
    """What to write for a number, boolean or null that was meant as text; nothing for other values."""
    if not isinstance(value, bool | int | float):
        return ""
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return f'for text put it in quotes: "{written}"'


@dataclass(frozen=True, slots=True)
class Allowed:
    """Marks an annotated type with the words that complete 'must be …' when a value is refused.

    Args:
        text: What is allowed, as a noun: 'a whole number of at least 1'.
    """

    text: str

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_wrap_validator_function(self._check, handler(source))

    def _check(self, value: object, inner: ValidatorFunctionWrapHandler) -> Any:
        try:
            return inner(value)
        except ValidationError as refused:
            inner_fault = refused.errors()[0]
            advice = inner_fault.get("ctx", {}).get("advice", "")
            if inner_fault["type"] == "string_type":
                advice = in_quotes(value)
            raise not_allowed(self.text, advice) from None
