"""One seed becomes independent streams, so that initialisation, order and dropout never share a number."""

import hashlib
from typing import Literal

Stream = Literal["init", "order", "dropout"]


def stream_seed(seed: int, stream: Stream, step: int = 0) -> int:
    """A 63-bit seed that depends on nothing but its arguments.

    Deriving dropout's seed from the step, not from a generator's state, means that a resumed run
    cannot lose or repeat a random number.
    """
    text = f"seqcli:{stream}:{seed}:{step}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1
