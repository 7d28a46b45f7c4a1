"""`seqcli models`: what can be trained, and every setting that each model has after its colon."""

from typing import TYPE_CHECKING

from seqcli.cli.asked_page import asked_page, page_parts
from seqcli.cli.completion import model_texts
from seqcli.cli.flags import REFERENCE, Given, takes

if TYPE_CHECKING:
    from seqcli.results.listing import Description


@takes(*page_parts("model", model_texts), panel=REFERENCE)
def models(given: Given) -> None:
    """List the models, or show one: its settings, their defaults and what they allow."""
    from seqcli.cli.run import check_format, show_result
    from seqcli.models.architecture import architecture, model_names
    from seqcli.results.listing import Choice, Listing

    check_format(given)
    names = model_names()
    name = asked_page(given["words"] or (), "models", names)
    if name is not None:
        show_result(described(name), given)
        return
    entries = [Choice(name=name, about=architecture(name).summary.format(model=name)) for name in names]
    show_result(Listing(what="models", entries=entries), given)


def described(written: str) -> "Description":
    """A model's page: what it is, and its settings, read from the record that checks them.

    Raises:
        UsageError: No model has that name.
    """
    from seqcli.config import words
    from seqcli.config.words import documented
    from seqcli.models.architecture import architecture
    from seqcli.models.spec import model_name
    from seqcli.results.listing import Description, PageFact

    name = model_name(written)
    model = architecture(name)
    settings = [setting for setting in documented(model.config) if setting.name != "model"]
    setting_names = {setting.name for setting in settings}
    preferred = [
        f"{key}={words.written(value)}" for key, value in model.defaults.items() if key not in setting_names
    ]
    example = ",".join(f"{setting.name}={setting.default}" for setting in settings[:2])
    facts = [
        ("tasks", ", ".join(model.kinds)),
        ("prefers", ", ".join(preferred)),
        ("settings", f"after a colon, with commas between them: {name}:{example}"),
    ]
    return Description(
        what="model",
        name=name,
        about=model.summary.format(model=name),
        facts=[PageFact(name=fact, text=text) for fact, text in facts if text],
        settings=[
            PageFact(name=setting.name, text=f"{setting.about} Default {setting.default}; {setting.allowed}.")
            for setting in settings
        ],
    )


COMMAND = models
