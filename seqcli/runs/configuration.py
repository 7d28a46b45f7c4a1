"""The configuration that a run was made with, and what may not change when it goes on."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from seqcli.errors import RunError
from seqcli.runs import strict_json
from seqcli.runs.difference import Difference

_HEADER = "# The resolved configuration of this run.\n"
_MOST_SHOWN = 10


class _Dumper(yaml.SafeDumper):
    """Quotes and escapes texts with controls: PyYAML writes some of them bare and reads them as blanks."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _Dumper.represent_text)


def spell(config: Mapping[str, object]) -> bytes:
    """The configuration as YAML, in the order given.

    Raises:
        ValueError: A number is not finite.
        TypeError: Something in it is not a JSON value.
    """
    values = strict_json.parse_object(strict_json.document(dict(config)))
    ordered = {key: values[key] for key in config}
    text: str = yaml.dump(ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return (_HEADER + text).encode()


def parse(spelt: bytes, path: Path) -> dict[str, object]:
    """The configuration that `spell` wrote.

    Args:
        spelt: The file's bytes.
        path: The file, for messages.

    Raises:
        RunError: It is not a YAML mapping.
    """
    try:
        text = spelt.decode()
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise RunError(
                f"{path} is damaged: seqcli writes no aliases"
            )  # a few lines can stand for gigabytes
        value = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise RunError(f"{path} is damaged: {error}") from error
    if not isinstance(value, dict):
        raise RunError(f"{path} is damaged: it is not a mapping")
    return value


def refuse_differences(path: Path, found: list[Difference]) -> None:
    """Lets a run go on only when nothing differs.

    Raises:
        RunError: Something does; says what.
    """
    if not found:
        return
    shown = [str(one) for one in found[:_MOST_SHOWN]]
    if len(found) > _MOST_SHOWN:
        shown.append(f"and {len(found) - _MOST_SHOWN} more")
    raise RunError(
        f"{path} was started otherwise: {'; '.join(shown)}",
        "Give the same settings to go on, another --out, or --overwrite to start anew.",
    )
