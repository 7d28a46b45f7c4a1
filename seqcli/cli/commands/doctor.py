"""`seqcli doctor`: what seqcli finds on this machine."""

from seqcli.cli import options
from seqcli.cli.flags import REFERENCE, Given, takes


@takes(*options.result, *options.output, panel=REFERENCE)
def doctor(given: Given) -> None:
    """Show what seqcli finds here: torch, processor, memory, devices, kernels, cache, extras.

    seqcli doctor
    """
    from seqcli.cli.run import check_format, show_result
    from seqcli.experiments.doctor import examine

    check_format(given)
    show_result(examine(), given)


COMMAND = doctor
