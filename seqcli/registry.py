"""A registry lists a package's files by name and imports one only when it is asked for.

Adding a cell, a task or a report is therefore one new file, and `seqcli --help` never loads torch.
"""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from seqcli.errors import unknown_name

T = TypeVar("T")


def later(module: str, name: str) -> Callable[..., Any]:
    """A function or class of a module that is imported when it is first called.

    A table of things can so be read where what they need, torch above all, is not loaded.

    >>> later("seqcli.errors", "either")(("a", "b"))
    'a or b'

    Args:
        module: The module: 'seqcli.data.own_data'.
        name: What is called in it.
    """

    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*arguments, **named)

    return call


@dataclass(frozen=True)
class Registry(Generic[T]):
    """The files of one package, each holding one thing under the same attribute.

    The file's name is the thing's name; an underscore in the file's name is a hyphen for people
    (`temporal_order.py` is `temporal-order`). Files that start with an underscore are not listed.

    Args:
        kind: What the things are called in messages: 'cell', 'task'.
        package: The package whose files are listed: 'seqcli.models.cells'.
        attribute: The name under which each file keeps its thing: 'CELL'.
    """

    kind: str
    package: str
    attribute: str

    def names(self) -> tuple[str, ...]:
        """The known names in alphabetical order, without importing any of the files."""
        spec = importlib.util.find_spec(self.package)
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError(f"{self.package} is not a package")
        files = (module.name for module in pkgutil.iter_modules(spec.submodule_search_locations))
        return tuple(sorted(name.replace("_", "-") for name in files if not name.startswith("_")))

    def loaded_first(self) -> tuple[str, ...]:
        """The known names, those whose files are imported already before the others."""
        return tuple(
            sorted(
                self.names(),
                key=lambda name: f"{self.package}.{name.replace('-', '_')}" not in sys.modules,
            )
        )

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def get(self, name: str) -> T:
        """The thing of that name.

        Raises:
            UsageError: No file has that name; the known names are listed.
        """
        if name not in self.names():
            raise unknown_name(self.kind, name, self.names())
        module = importlib.import_module(f"{self.package}.{name.replace('-', '_')}")
        plug_in: T = getattr(module, self.attribute)
        return plug_in
