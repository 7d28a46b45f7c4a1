"""One sentence at a time: what `translate` takes beside a plain torch loop of the same network, in one run.

    OMP_NUM_THREADS=1 python benchmarks/latency.py RUN [TEXT ...]   # half a minute on a quiet core

RUN is a run of `train seq2seq` of one GRU layer with a bidirectional encoder. The plain loop is what people
write: torch.nn.GRU over the source, then word after word GRUCell, attention, readout, logits, argmax. Both
begin with text, end with text and must write the same. Seconds are of the processor, the two in turn.

Greedily, on a busy core (load 11 on 2 cores), texts of 3 to 20 tokens: reverse, 32 wide, .33 of the plain
loop's speed before few rows had a way of their own, 1.14 since; translation, 128 wide, 1.18. A beam of 5 has
.23 and .12 of the greedy loop's speed: it writes five hypotheses and a greedy one beside them.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from seqcli.data.tokenizer import BOS, EOS
from seqcli.models.seq2seq.search import SearchConfig
from seqcli.training.translator import Translator

REPEATS = 7
SECONDS = 0.4


class PlainLoop:
    """A trained network's weights in torch's own modules."""

    def __init__(self, translator: Translator) -> None:
        self.tokenizer, self.network = translator.tokenizer, translator.network
        config = self.network.config
        if (config.cell, config.layers, config.bidirectional) != ("gru", 1, True):
            raise SystemExit("give a run of one GRU layer with a bidirectional encoder")
        self.encoder = nn.GRU(config.embedding, config.hidden, batch_first=True, bidirectional=True)
        self.encoder.load_state_dict(self.network.encoder.recurrent.state_dict())
        self.decoder = nn.GRUCell(config.embedding, config.hidden)
        weights = self.network.decoder.recurrent.state_dict()
        self.decoder.load_state_dict({name.removesuffix("_l0"): value for name, value in weights.items()})

    @torch.no_grad()
    def write(self, ids: Tensor) -> list[int]:
        network, attention = self.network, self.network.decoder.attention
        outputs, states = self.encoder(network.encoder.embedding(ids))
        bridge = network.encoder.bridge
        if bridge is None:
            raise SystemExit("the default model reads both ways, and joins them in a bridge")
        h = torch.tanh(
            torch.addmm(bridge.bias[0], torch.cat([states[0], states[1]], -1), bridge.weight[0].mT)
        )
        keys = outputs if attention is None else attention.keys(outputs)
        word, written = torch.tensor([BOS]), []
        for _ in range(3 * ids.shape[1] + 20):
            h = self.decoder(network.decoder.embedding(word), h)
            seen = h
            if attention is not None:
                weights = attention.scores(h.unsqueeze(1), keys).softmax(-1)
                seen = torch.cat([h, torch.bmm(weights, outputs).squeeze(1)], -1)
            features = torch.tanh(linear(seen, network.decoder.weight_readout, network.decoder.bias_readout))
            word = linear(features, network.words, network.bias_output).argmax(-1)
            if word.item() == EOS:
                break
            written.append(int(word))
        return written

    def __call__(self, text: str) -> str:
        ids = next(iter(self.tokenizer.source.encode([text]))).astype(np.int64)
        return self.tokenizer.write(self.write(torch.from_numpy(ids).unsqueeze(0)))


def rate(work: Callable[[str], str], texts: list[str]) -> float:
    """Texts a second of the processor."""
    began, done = time.process_time(), 0
    while time.process_time() - began < SECONDS:
        work(texts[done % len(texts)])
        done += 1
    return done / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("texts", nargs="*", default=["abc", "abcdefg", "hgfedcbaabcde"])
    given = parser.parse_args()
    torch.set_num_threads(1)
    translator = Translator.open(given.run)
    plain = PlainLoop(translator)
    for beam in (1, 5):
        search = SearchConfig(beam=beam)

        def ours(text: str, search: SearchConfig = search) -> str:
            return translator.translate([text], search)[0][0].text

        if beam == 1 and [ours(text) for text in given.texts] != [plain(text) for text in given.texts]:
            raise SystemExit("the two do not write the same")
        rates = np.array([(rate(ours, given.texts), rate(plain, given.texts)) for _ in range(REPEATS)])
        mine, theirs = np.median(rates, axis=0)
        ratio = np.median(rates[:, 0] / rates[:, 1])
        print(f"beam {beam}: seqcli {mine:.0f} a second, greedy plain loop {theirs:.0f}, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
