import pytest
import torch

from seqcli.models.cell import CELLS, Cell
from seqcli.models.cells.rnn import RNN
from seqcli.models.initialisation import Initialisation, initialise
from seqcli.models.recurrent import Recurrent
from seqcli.probes.system import NormalisedSystem, System, system_of


def recurrent_of(
    cell: str | Cell, *, hidden=6, inputs=2, layers=1, bidirectional=False, how=None, seed=0
) -> Recurrent:
    """Layers with random weights, large enough that gates leave their middle."""
    made = CELLS.get(cell)() if isinstance(cell, str) else cell
    recurrent = Recurrent(made, inputs, hidden, num_layers=layers, bidirectional=bidirectional)
    generator = torch.Generator().manual_seed(seed)
    initialise(recurrent, how or Initialisation("gaussian", gain=1.5), generator=generator)
    return recurrent.double()


def whole_system(recurrent: Recurrent, *, normalised=False) -> System | NormalisedSystem:
    """The stack of all layers of a one-directional model."""
    suffixes = [suffix for layer in range(recurrent.num_layers) for suffix in recurrent.suffixes(layer)]
    return system_of(recurrent, suffixes, normalised=normalised)


def rotation(gain: float) -> System:
    """A recurrence without squashing whose weights turn the state and scale it: every exponent is ln gain."""
    recurrent = recurrent_of(RNN(activation="identity"))
    generator = torch.Generator().manual_seed(2)
    turn = torch.linalg.qr(torch.randn(6, 6, generator=generator, dtype=torch.float64)).Q
    with torch.no_grad():
        recurrent.weight_hh_l0.copy_(gain * turn)
    return whole_system(recurrent)


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    """Small products on two busy threads take a hundred times as long as on one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def made():
    """The builders above, which tests as separate modules cannot import."""

    class Made:
        recurrent = staticmethod(recurrent_of)
        system = staticmethod(whole_system)
        rotation = staticmethod(rotation)

    return Made
