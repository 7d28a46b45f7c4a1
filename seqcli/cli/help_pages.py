"""Help as people read it: no type beside a switch or an argument, whose name says what it takes."""

from typing import Any

from typer.core import TyperCommand, TyperGroup


def _no_type(ctx: Any) -> None:
    """Nothing beside the option's name."""


def _without_types(params: list[Any]) -> list[Any]:
    """The parameters, of which those that take no value of their own, and arguments, show no type."""
    for param in params:
        is_argument = param.param_type_name == "argument"
        if is_argument or param.is_flag or param.count:
            param.display_type_rich = _no_type
    return params


class CommandHelp(TyperCommand):
    """A command whose help shows `--bidirectional`, and not `--bidirectional <bool>`."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The arguments and options, `--help` among them."""
        return _without_types(super().get_params(ctx))


class GroupHelp(TyperGroup):
    """The program itself, whose help is as its commands'; it lists them in the order of their panels."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options, `--help` among them."""
        return _without_types(super().get_params(ctx))
