"""The base of every configuration record."""

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Settings(BaseModel):
    """A frozen record of settings: no conversions, no unknown names, no NaN or infinity.

    A field's default is its documentation; it is checked like a given value. Sequences are tuples (the
    layers hand YAML's lists over as tuples), choices are `Literal`, sizes and shares the types of
    `seqcli.config.values`, names and paths those of `seqcli.config.names`.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        hide_input_in_errors=True,
        allow_inf_nan=False,
        validate_default=True,
    )


def clash(message: str, *names: str) -> PydanticCustomError:
    """The error that a model validator raises for settings that do not go together.

    Args:
        message: What excludes what and what to do: 'resume and overwrite exclude each other: drop one'.
        names: The settings concerned; the message shown ends with where each of them was set.
    """
    return PydanticCustomError("clash", "{message}", {"message": message, "names": names})
