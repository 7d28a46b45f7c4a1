"""The page of `seqcli.gradprobe/1`: the curves first, the norms at each lag, and the guide's claims."""

from seqcli.reports.draw.document import Document, Facts
from seqcli.reports.draw.panel import panels_of
from seqcli.reports.draw.sheet import sheet_of
from seqcli.results.gradprobe import Gradprobe
from seqcli.results.wording import counted

METHODS: Facts = (
    (
        "State Jacobian, ∂s",
        (
            "The spectral norm of the derivative of the last state by the state k steps before: how much of"
            " the largest small change then is still there (Pascanu, Mikolov & Bengio, 2013). s is all that"
            " a cell hands on: h, and of an LSTM h and c together."
        ),
    ),
    (
        "Loss gradient, ∂L",
        "The norm of the gradient of the loss at the last step by the hidden state k steps before.",
    ),
    (
        "Half-life",
        (
            "The number of steps in which the state Jacobian's norm falls by half, by the least-squares line"
            " through its logarithm over the lags; its interval is Student's t over seeds."
        ),
    ),
    (
        "λ₁",
        "The largest Lyapunov exponent a step: below 0 small changes fade, above 0 they grow.",
    ),
)


def probe_document(result: Gradprobe) -> Document:
    """A probe as a document."""
    sheet = sheet_of(result)
    return Document(
        sheet=sheet,
        panels=panels_of(result),
        guide=tuple(result.guide),
        data=(
            ("Inputs", result.inputs.name),
            ("Steps back", f"{result.length:,}"),
            ("Seeds", counted(len(result.seeds), "seed")),
        ),
        methods=METHODS,
        signature=result.signature,
        curves_first=True,
    )
