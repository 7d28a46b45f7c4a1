"""`seqcli models`: what can be trained, and every setting that each model has after its colon."""

from seqcli.cli.flags import REFERENCE, Given, Positional, takes


@takes(
    Positional("action", "`show` for one model's settings; nothing lists the models", "show"),
    Positional("name", "the model to show", "NAME"),
    panel=REFERENCE,
)
def models(given: Given) -> None:
    """List the models, or show one: its settings, their defaults and what they allow."""
    from seqcli.cli.run import beside, print_lines
    from seqcli.errors import UsageError
    from seqcli.models.architecture import architecture, model_names

    names = model_names()
    if given["action"] is None:
        print_lines(beside([(name, architecture(name).summary.format(model=name)) for name in names]))
    elif given["action"] == "show" and given["name"]:
        print_lines(page_lines(given["name"]))
    else:
        raise UsageError(
            "models takes nothing, or `show NAME`",
            f"Such as: seqcli models show seq2seq. Known models: {', '.join(names)}.",
        )


def page_lines(name: str) -> list[str]:
    """A model's page: what it is, and a setting a line, read from the record that checks them.

    Raises:
        UsageError: No model has that name.
    """
    from seqcli.cli.run import beside
    from seqcli.config.documented import documented
    from seqcli.config.words import written
    from seqcli.models.architecture import architecture

    made = architecture(name)
    settings = [one for one in documented(made.config) if one.name != "model"]
    own = {one.name for one in settings}
    preferred = [f"{key}={written(value)}" for key, value in made.defaults.items() if key not in own]
    written_so = ",".join(f"{one.name}={one.default}" for one in settings[:2])
    facts = [
        ("model", f"{name}: {made.summary.format(model=name)}"),
        ("tasks", ", ".join(made.kinds)),
        ("prefers", ", ".join(preferred)),
        ("settings", f"after a colon, with commas between them: {name}:{written_so}"),
    ]
    rows = [(one.name, f"{one.about} Default {one.default}; {one.allowed}.") for one in settings]
    return [*beside([(fact, text) for fact, text in facts if text]), "", *beside(rows)]


COMMAND = models
