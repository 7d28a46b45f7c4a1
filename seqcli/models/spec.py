"""A model as people name it: `gru`, or `gru:hidden=148,layers=2`."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from seqcli.config.layer_sources import typed
from seqcli.config.layers import Layer, Setting, check_known, flat_name, keys
from seqcli.config.names import OneLine
from seqcli.config.words import written
from seqcli.errors import UsageError, unknown_name
from seqcli.models.architecture import architecture, model_names


@dataclass(frozen=True)
class ModelSpec:
    """A model's name and what was set for it alone.

    Args:
        name: One of the known models.
        settings: Values by setting name, in the order given.
    """

    name: str
    settings: Mapping[str, object]

    def layer(self) -> Layer:
        """The name and settings with their origin, for `merge`; set for one model, they outrank the rest."""
        origin = f"model {self}"
        named = {"model": self.name, **self.settings}
        return {key: Setting(value, origin) for key, value in named.items()}

    def __str__(self) -> str:
        settings = ",".join(f"{key}={written(value)}" for key, value in self.settings.items())
        return f"{self.name}:{settings}" if settings else self.name


def canonical(text: str) -> str:
    """A model as seqcli writes it, however a person spells its name; what is no model's stays as it is.

    'GRU:hidden=9' is 'gru:hidden=9'. What reads in both directions has a short name: 'BiLSTM:hidden=9' and
    'bi-lstm:hidden=9' are 'lstm:bidirectional=true,hidden=9'.
    """
    written_name, colon, rest = text.strip().partition(":")
    name = written_name.strip().casefold()
    if name in model_names():
        return f"{name}{colon}{rest}"
    one_way = name.removeprefix("bi").lstrip("-_")
    if name.startswith("bi") and one_way in model_names() and _has_directions(one_way):
        return f"{one_way}:bidirectional=true" + (f",{rest}" if colon else "")
    return text


def _has_directions(name: str) -> bool:
    return "bidirectional" in architecture(name).config.model_fields


def model_name(text: str) -> str:
    """The name alone of a model as written: 'gru' of 'GRU:hidden=9'."""
    return canonical(text).partition(":")[0].strip()


def canonical_label(text: str) -> str:
    """A label with its model's name as seqcli writes it: 'GRU hidden=148' is 'gru hidden=148'."""
    name, space, rest = text.strip().partition(" ")
    return f"{name.casefold()}{space}{rest}" if name.casefold() in model_names() else text


LabelText = Annotated[OneLine, AfterValidator(canonical_label)]
"""The label of a model beside others as a person writes it, kept as seqcli does."""

ModelText = Annotated[OneLine, AfterValidator(canonical)]
"""One model as a person writes it, kept as seqcli does."""


def parse_spec(text: str) -> ModelSpec:
    """Read one model as written on the command line or in YAML.

    >>> str(parse_spec("GRU:hidden=148"))
    'gru:hidden=148'

    Args:
        text: `NAME` or `NAME:SETTING=VALUE,SETTING=VALUE`; values are read as those of `--set`, names as
            `canonical` reads them.

    Raises:
        UsageError: An unknown model or setting, a setting given twice, or text that is not of this form.
    """
    name, colon, rest = canonical(text.strip()).partition(":")
    if name not in model_names():
        raise unknown_name("model", name, model_names())
    settings: dict[str, Setting] = {}
    for assignment in rest.split(",") if colon else ():
        key, setting = _assigned(assignment, name)
        if key in settings:
            raise UsageError(f"model {name}: {key} is given twice", "Drop one.")
        settings[key] = setting
    known = keys(architecture(name).config) - {"model"}
    check_known(settings, known, page=f"seqcli models show {name}")
    return ModelSpec(name, {key: setting.value for key, setting in settings.items()})


def _assigned(assignment: str, name: str) -> tuple[str, Setting]:
    written, equals, value = assignment.partition("=")
    key = flat_name(written.strip())
    if not equals and key in SWITCHES:
        equals, value = "=", "true"
    if not (equals and key and value.strip()):
        raise UsageError(f"model {name}: {assignment!r} is not setting=value", f"Write {name}:hidden=64.")
    origin = f"model {name}"
    return key, Setting(typed(value, origin), origin)


SWITCHES = frozenset({"bidirectional", "crf"})
"""Settings that are on where they are named alone: `gru:crf` is `gru:crf=true`."""


def folded(config: Mapping[str, object], known: Container[str]) -> dict[str, object]:
    """A flat configuration with those settings of its model that are not known written into the model.

    {'model': 'seq2seq', 'attention': 'none', 'lr': 0.1} is {'model': 'seq2seq:attention=none', 'lr': 0.1}
    to who knows 'lr' and no 'attention'.
    """
    name = config.get("model")
    if not isinstance(name, str) or name not in model_names():
        return dict(config)
    fields = [key for key in architecture(name).config.model_fields if key != "model" and key not in known]
    own = {key: config[key] for key in fields if key in config}
    rest = {key: value for key, value in config.items() if key not in own}
    return {**rest, "model": str(ModelSpec(name, own))}


def labels(specs: Sequence[ModelSpec]) -> tuple[str, ...]:
    """Return each model's label: its name, and the settings that differ where a name comes twice.

    Args:
        specs: The models of one comparison, in order.

    Returns:
        One label each, such as 'gru' or 'gru hidden=148'.

    Raises:
        UsageError: Two models are the same.
    """
    often = Counter(spec.name for spec in specs)
    named = tuple(spec.name if often[spec.name] == 1 else _distinguished(spec, specs) for spec in specs)
    for label, count in Counter(named).items():
        if count > 1:
            raise UsageError(
                f"model {label!r} is given {count} times", "Give each a setting that differs, or drop one."
            )
    return named


def called(label: str) -> str:
    """A label as people say it: 'gru hidden=148' is 'GRU hidden=148'; short names are acronyms."""
    name, space, rest = label.partition(" ")
    return f"{name.upper() if name.isalpha() and len(name) <= 4 else name}{space}{rest}"


def _distinguished(spec: ModelSpec, specs: Sequence[ModelSpec]) -> str:
    """The name and the settings that not all of its namesakes share, in the order given."""
    namesakes = [other.settings for other in specs if other.name == spec.name]
    shared = {
        key for key in spec.settings if all(other.get(key) == spec.settings[key] for other in namesakes)
    }
    shown = [f"{key}={value}" for key, value in spec.settings.items() if key not in shared]
    return " ".join([spec.name, *shown])
