"""The captioner: its convolution by torch's own layers, what padding and a blank image change, search."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from seqcli.data.tokenizer import EOS
from seqcli.models.architecture import DataShape
from seqcli.models.captioning.captioner_network import MOST_WORDS, CaptionerNetwork, build
from seqcli.models.captioning.config import FREQUENCIES, PLACE_FEATURES, CaptionerConfig
from seqcli.models.captioning.image_encoder import Convolution, placed
from seqcli.models.seq2seq.decoder import Decoded
from seqcli.runs import strict_json

V = 12
TARGETS = torch.tensor([[4, 5, 6, EOS], [7, EOS, 0, 0], [EOS, 0, 0, 0]])


def made(seed: int = 0, channels: int = 1, **settings: object) -> CaptionerNetwork:
    config = CaptionerConfig.model_validate({"hidden": 6, "embedding": 5, "channels": 4, **settings})
    shape = DataShape("caption", vocab_size=0, input_size=channels, output_size=V)
    return build(config, shape, torch.Generator().manual_seed(seed))


def images(rows: int = 3, channels: int = 1, size: tuple[int, int] = (8, 12), seed: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn((rows, *size, channels), generator=generator)


def pixels(batch: Tensor) -> Tensor:
    return torch.full((len(batch),), batch.shape[1] * batch.shape[2])


@pytest.mark.parametrize("size", [(8, 12), (7, 5), (1, 1), (3, 16)])
def test_a_block_is_torch_s_own_convolutions_and_pooling(size: tuple[int, int]) -> None:
    block = Convolution(2, 3).double()
    block.initialise(generator=torch.Generator().manual_seed(3))
    first, second = nn.Conv2d(2, 3, 3, padding=1).double(), nn.Conv2d(3, 3, 3, padding=1).double()
    with torch.no_grad():
        for layer, name in ((first, "first"), (second, "second")):
            layer.weight.copy_(getattr(block, f"weight_{name}"))
            layer.bias.copy_(torch.linspace(-1, 1, 3))
            getattr(block, f"bias_{name}").copy_(torch.linspace(-1, 1, 3))
    reference = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True))
    batch = images(2, 2, size).double().permute(0, 3, 1, 2)
    assert (block(batch) - reference(batch)).abs().max() < 1e-12


def test_a_convolution_is_its_sum_over_three_by_three_pixels() -> None:
    block = Convolution(1, 1).double()
    block.initialise(generator=torch.Generator().manual_seed(3))
    with torch.no_grad():  # the second one hands on what the first one says
        block.weight_second.zero_()[0, 0, 1, 1] = 1.0
        block.bias_first.fill_(10.0)
    image = np.random.default_rng(0).normal(size=(2, 2))
    around = np.pad(image, 1)
    kernel = block.weight_first.detach().numpy()[0, 0]
    expected = max(
        10 + sum(around[y + i, x + j] * kernel[i, j] for i in range(3) for j in range(3))
        for y in range(2)
        for x in range(2)
    )
    assert block(torch.tensor(image).view(1, 1, 2, 2)).item() == pytest.approx(expected, abs=1e-12)


def test_places_are_sines_and_cosines_of_row_and_column() -> None:
    features = placed(torch.zeros(1, 0, 3, 5, dtype=torch.float64))
    assert features.shape == (1, PLACE_FEATURES, 3, 5)
    for frequency in range(FREQUENCIES):
        assert features[0, frequency, 2, 4].item() == pytest.approx(np.sin(2 * np.exp(-frequency)), abs=1e-12)
        column = features[0, 3 * FREQUENCIES + frequency, 2, 4].item()
        assert column == pytest.approx(np.cos(4 * np.exp(-frequency)), abs=1e-12)


@pytest.mark.parametrize("pooling", ["mean", "max", "last"])
@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_the_first_state_is_of_the_patches_one_vector(cell: str, pooling: str) -> None:
    network = made(cell=cell, pooling=pooling, layers=2).double().eval()
    encoded = network.encoder(images().double())
    patches = encoded.outputs[:, :, :-PLACE_FEATURES]
    pooled = {"mean": patches.mean(1), "max": patches.amax(1), "last": patches[:, -1]}[pooling]
    assert len(encoded.state) == (2 if cell == "lstm" else 1)
    for part, state in enumerate(encoded.state):
        for layer in range(2):
            weight = network.encoder.weight_state[2 * part + layer]
            assert (state[layer] - torch.tanh(pooled @ weight.T)).abs().max() < 1e-12


@pytest.mark.parametrize("attention", ["bahdanau", "luong", "none"])
@pytest.mark.parametrize("input_feeding", [False, True])
def test_what_stands_beyond_a_caption_changes_neither_loss_nor_gradients(
    attention: str, input_feeding: bool
) -> None:
    if attention == "none" and input_feeding:
        pytest.skip("there is nothing to feed")
    network = made(attention=attention, input_feeding=input_feeding).double().eval()
    batch = images().double()

    def loss_and_gradients(targets: Tensor) -> list[Tensor]:
        loss = network.batch_loss(batch, pixels(batch), targets)
        return [loss, *torch.autograd.grad(loss, list(network.parameters()))]

    longer = torch.cat([TARGETS, torch.zeros(3, 5, dtype=torch.int64)], dim=1)
    for loss_and_gradient, other in zip(loss_and_gradients(TARGETS), loss_and_gradients(longer), strict=True):
        assert (loss_and_gradient - other).abs().max() < 1e-10
    alone = sum(
        network.batch_loss(batch[n : n + 1], pixels(batch)[:1], row[row != 0].unsqueeze(0))
        * int((row != 0).sum())
        for n, row in enumerate(TARGETS)
    )
    assert abs(alone / int((TARGETS != 0).sum()) - network.batch_loss(batch, pixels(batch), TARGETS)) < 1e-10


def test_an_image_s_caption_does_not_depend_on_the_images_beside_it() -> None:
    network = made(seed=4).double().eval()
    batch = images(5).double()
    together = network.predict(batch, pixels(batch))
    for n in range(5):
        alone = network.predict(batch[n : n + 1], pixels(batch)[:1])[0]
        assert together[n, : len(alone)].tolist() == alone.tolist()
        assert not together[n, len(alone) :].any()
    assert together.shape[1] <= MOST_WORDS


def test_a_blank_control_sees_nothing_and_has_as_many_numbers() -> None:
    blank, seeing = made(control="blank").eval(), made().eval()
    assert sum(p.numel() for p in blank.parameters()) == sum(p.numel() for p in seeing.parameters())

    def features(network: CaptionerNetwork, seed: int) -> Tensor:
        batch = images(seed=seed)
        decoded: Decoded = network(batch, pixels(batch), TARGETS)
        return decoded.features

    assert torch.equal(features(blank, 1), features(blank, 2))
    assert not torch.equal(features(seeing, 1), features(seeing, 2))


def test_a_patch_tells_its_place_even_where_the_image_is_the_same_everywhere() -> None:
    outputs = made().encoder(torch.ones(1, 8, 32, 1)).outputs[0]
    assert len({tuple(row.tolist()) for row in outputs[:, -PLACE_FEATURES:]}) == 2 * 8


@pytest.mark.parametrize("channels", [1, 3])
def test_flops_are_those_of_the_convolutions_and_of_the_decoder(channels: int) -> None:
    config = CaptionerConfig(hidden=6, embedding=5, channels=4, blocks=2)
    blocks = ((channels, 4, 64), (4 + PLACE_FEATURES, 8, 16))
    counted = sum(2 * 9 * (below * width + width * width) * size for below, width, size in blocks)
    assert config.flops(64, 0, input_size=channels) == counted
    assert config.flops(0, 3, input_size=channels) == 3 * config.decoder_flops()


def test_every_number_is_of_one_part() -> None:
    network = made()
    parts = [id(parameter) for part in network.parts().values() for parameter in part]
    assert len(parts) == len(set(parts)) == len(list(network.parameters()))


def test_the_first_weights_are_a_pure_function_of_the_seed() -> None:
    first, again, other = made(1), made(1), made(2)
    digests = [
        strict_json.digest([parameter.tolist() for parameter in network.parameters()])
        for network in (first, again, other)
    ]
    assert digests[0] == digests[1] != digests[2]
