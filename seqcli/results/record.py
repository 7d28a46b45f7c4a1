"""The base of every result: frozen, strict about its fields, the same in Python and in JSON."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen result whose JSON form has exactly its fields, in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)

    def to_json(self) -> dict[str, object]:
        """The record as plain JSON values, with the names that the schema gives."""
        values: dict[str, object] = self.model_dump(mode="json", by_alias=True)
        return values

    @classmethod
    def from_json(cls, values: object) -> Self:
        """The record back from plain JSON values.

        Raises:
            pydantic.ValidationError: The values do not follow the schema.
        """
        return cls.model_validate(values)
