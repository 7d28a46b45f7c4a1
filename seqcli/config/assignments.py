"""`--set key=value` as a layer of settings."""

from collections.abc import Iterable

from seqcli.config.faults import shortened, shown, shown_key
from seqcli.config.layers import Setting, flat_name
from seqcli.config.scalars import read_scalar
from seqcli.config.yaml_text import parse_value
from seqcli.errors import UsageError


def parse(assignments: Iterable[str]) -> dict[str, Setting]:
    """The settings that a command line's `--set key=value` give; each one's origin is '--set key'.

    Raises:
        UsageError: No '=', no key, a key given twice, or a value that `typed` refuses.
    """
    settings: dict[str, Setting] = {}
    for assignment in assignments:
        written, equals, text = assignment.partition("=")
        key = flat_name(written.strip())
        if not equals or not key:
            raise UsageError(
                f"--set {shortened(repr(assignment))} is not key=value", "Write --set hidden=64."
            )
        origin = f"--set {shown_key(key)}"
        setting = Setting(typed(text, origin), origin)
        if key in settings:
            first = settings[key].value
            raise UsageError(
                f"{origin} is given twice: {shown(first)} and {shown(setting.value)}", "Drop one."
            )
        settings[key] = setting
    return settings


def typed(text: str, origin: str) -> object:
    """The value that text from outside a file stands for, by the rules of YAML files.

    Text in quotes, and lists in brackets, are read as YAML; all else is one unquoted word, in which ':', '#',
    ',' and the other signs of YAML mean nothing: `--set sep=,` needs no quotes beyond the shell's.

    Args:
        text: The value as received.
        origin: Where it was received: '--set hidden', 'SEQCLI_HIDDEN', '--hidden'.

    Raises:
        UsageError: Quotes or brackets that are not closed, or text that is not valid Unicode.
    """
    word = text.strip(" ")
    if any("\ud800" <= character <= "\udfff" for character in word):
        raise UsageError(f"{origin}: {shortened(repr(text))} is not valid text in this locale's encoding")
    return parse_value(word, lambda _line: origin) if word.startswith(("'", '"', "[")) else read_scalar(word)
