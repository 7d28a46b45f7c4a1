"""Controls of a comparison: models that know no order, beside the ones that do."""

import json

import pytest
import torch
from making.forked import output as seqcli
from making.outcomes import concluded_from, finished_leg

from seqcli.data.tokenizer import PAD
from seqcli.errors import UsageError
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.experiments.model_checks import check_direction, check_kind
from seqcli.experiments.setting_values import with_controls
from seqcli.models.architecture import DataShape, architecture
from seqcli.models.config import ModelConfig
from seqcli.models.shuffle import StepShuffle
from seqcli.models.spec import parse_spec
from seqcli.reports.results.compare import answer_sheet

SHAPES = {
    "classify": DataShape("classify", vocab_size=11, input_size=0, output_size=3),
    "tag": DataShape("tag", vocab_size=11, input_size=0, output_size=3),
    "signal": DataShape("signal", vocab_size=0, input_size=2, output_size=3),
}
LENGTHS = torch.tensor([6, 4, 1])


def network(model, kind, *, seed=0):
    """A model with its first weights, in float64 and without dropout."""
    spec = parse_spec(f"{model}{',' if ':' in model else ':'}hidden=5,embedding=4")
    entry = architecture(spec.name)
    config = entry.config.model_validate({"model": spec.name, **spec.settings})
    return entry.build(config, SHAPES[kind], torch.Generator().manual_seed(seed)).double().eval()


def inputs_of(kind):
    generator = torch.Generator().manual_seed(1)
    if kind == "signal":
        return torch.randn(3, 6, 2, generator=generator)
    return torch.randint(1, 11, (3, 6), generator=generator)


def padded(inputs, value):
    """The inputs with something else in their padding, and more of it."""
    longer = torch.cat([inputs, inputs[:, :3]], dim=1).clone()
    for row, length in enumerate(LENGTHS.tolist()):
        longer[row, length:] = value
    return longer


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("model", ["bag", "bag:layers=3", "gru:control=shuffle", "lstm:control=shuffle"])
def test_the_padding_of_a_control_changes_neither_answers_nor_gradients(model, kind):
    made, inputs = network(model, kind), inputs_of(kind)

    def both(read):
        answers = made(read, LENGTHS)[:, :6] if kind == "tag" else made(read, LENGTHS)
        real = torch.arange(6) < LENGTHS.unsqueeze(1)
        value = answers[real] if kind == "tag" else answers
        return [value, *torch.autograd.grad(value.square().sum(), list(made.parameters()))]

    plain = both(padded(inputs, PAD)[:, :6])
    for item, other in zip(plain, both(padded(inputs, 7)), strict=True):
        assert (item - other).abs().max() < 1e-12


@pytest.mark.parametrize("kind", ["classify", "signal"])
def test_a_bag_answers_the_same_whatever_the_order_and_a_recurrence_does_not(kind):
    inputs = inputs_of(kind)[:1]
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    for model, same in (
        ("bag", True),
        ("bag:layers=2", True),
        ("gru", False),
        ("gru:control=shuffle", False),
    ):
        made = network(model, kind)
        assert torch.allclose(made(inputs), made(inputs[:, order]), atol=1e-12) == same, model


def test_a_bag_is_a_plain_layer_over_the_mean_of_the_steps():
    made, inputs = network("bag", "signal"), inputs_of("signal").double()
    mean = torch.stack([row[:n].mean(dim=0) for row, n in zip(inputs, LENGTHS.tolist(), strict=True)])
    layer, head = made.layers[0], made.head.linear
    by_hand = torch.tanh(mean @ layer.weight.T + layer.bias) @ head.weight.T + head.bias
    assert (made(inputs, LENGTHS) - by_hand).abs().max() < 1e-12


def test_a_shuffled_example_is_a_permutation_that_its_seed_and_its_content_decide():
    ids = torch.arange(40).repeat(2, 1)
    ids[1] = ids[1].flip(0)
    first, second = StepShuffle(3).places(ids, torch.tensor([40, 30]))
    assert sorted(first.tolist()) == list(range(40))
    assert first.tolist() != list(range(40))
    assert second[30:].tolist() == list(range(30, 40))
    alone = StepShuffle(3).places(ids[:1], None)[0]
    assert torch.equal(alone, first)
    assert not torch.equal(StepShuffle(4).places(ids[:1], None)[0], first)
    other = torch.arange(1, 41).unsqueeze(0)
    assert not torch.equal(StepShuffle(3).places(other, None)[0], first)


def test_a_shuffled_model_has_the_first_weights_of_its_own_model_and_answers_each_step_at_its_place():
    plain, shuffled = network("gru", "tag"), network("gru:control=shuffle", "tag")
    assert all(torch.equal(value, shuffled.state_dict()[name]) for name, value in plain.state_dict().items())
    inputs = inputs_of("tag")
    places = shuffled.shuffle.places(inputs, LENGTHS)
    rows = torch.arange(3).unsqueeze(1)
    answers = plain(inputs[rows, places], LENGTHS)
    back = torch.empty_like(answers)
    back[rows, places] = answers
    real = torch.arange(6) < LENGTHS.unsqueeze(1)
    assert torch.equal(shuffled(inputs, LENGTHS)[real], back[real])


def test_controls_stand_beside_the_models_each_once():
    config = CompareConfig(models=("BiGRU", "rnn:hidden=9"), control="shuffle,bag")
    assert config.models == (
        "gru:bidirectional=true",
        "rnn:hidden=9",
        "gru:bidirectional=true,control=shuffle",
        "rnn:hidden=9,control=shuffle",
        "bag",
    )
    assert with_controls(config.models, config.control) == config.models


@pytest.mark.parametrize(("task", "what"), [("lm", "generate"), ("anbn", "language")])
def test_a_bag_is_refused_where_the_answer_is_the_order_itself(task, what):
    with pytest.raises(UsageError, match=f"kind {what}") as refused:
        check_kind("bag", task, what)
    assert "order" in str(refused.value.hint)


@pytest.fixture
def ordered(reviews):
    """Three models and their controls, with these accuracies over ten seeds."""

    def conclude(gru, shuffled, bag):
        config = CompareConfig(
            models=("gru",), control=("shuffle", "bag"), data=str(reviews), seeds=tuple(range(10)), margin=3.0
        )
        wobble = [0.0002 * (-1) ** seed for seed in range(10)]
        legs = {
            label: [finished_leg(value + step * sign) for step in wobble]
            for (label, value), sign in zip(
                (("gru", gru), ("gru:control=shuffle", shuffled), ("bag", bag)), (1, -1, 1), strict=True
            )
        }
        return concluded_from(config, prepare_data(config), legs)

    return conclude


def test_the_verdict_says_by_how_much_order_matters_and_recommends_no_shuffled_model(ordered):
    result = ordered(0.80, 0.70, 0.805)
    assert [(pair.a, pair.b) for pair in result.order_pairs] == [
        ("gru", "gru:control=shuffle"),
        ("gru", "bag"),
    ]
    assert len(result.pairs) == 2
    text = " ".join(line.text for section in answer_sheet(result).sections for line in section.lines)
    assert "Order matters here: +10.0 points [" in text
    assert "Order does not matter here: equivalent within ±3.0 points (GRU against BAG" in text
    assert result.recommendation.model in (None, "bag")


def test_a_comparison_with_controls_trains_them_with_the_same_seeds(tmp_path):
    file = tmp_path / "first.csv"
    words = "ab"
    rows = [
        f"{' '.join(words[(number >> bit) & 1] for bit in range(6))},{words[(number >> 5) & 1]}"
        for number in range(64)
    ]
    file.write_text("text,label\n" + "\n".join(rows) + "\n")
    document = json.loads(
        seqcli(
            "compare", "rnn", "--control", "bag,shuffle", "--data", file, "--seeds", "2", "--epochs", "2",
            "--hidden", "6", "--embedding", "4", "--no-cost", "--jobs", "1", "-q", "--format", "json",
        )
    )  # fmt: skip
    assert [model["label"] for model in document["models"]] == ["rnn", "rnn control=shuffle", "bag"]
    assert [len(model["quality"]["per_seed"]) for model in document["models"]] == [2, 2, 2]
    assert document["models"][2]["parameters"]["recurrent"] == 0
    assert document["models"][0]["parameters"] == document["models"][1]["parameters"]
    assert {(pair["a"], pair["b"]) for pair in document["pairs"]} == {
        ("rnn", "rnn control=shuffle"),
        ("rnn", "bag"),
    }


def test_shuffling_is_refused_where_the_answer_is_the_input_moved_by_a_step():
    with pytest.raises(UsageError, match="shuffle"):
        check_direction(ModelConfig(model="gru", control="shuffle"), "lm", "generate")


@pytest.mark.parametrize("written", ["bag,shuffle", ["bag,shuffle"], ["bag", "shuffle"]])
def test_both_controls_are_named_in_one_option_or_in_two(written):
    config = CompareConfig.model_validate({"task": "adding", "models": ("gru",), "control": written})
    assert config.control == ("bag", "shuffle")
