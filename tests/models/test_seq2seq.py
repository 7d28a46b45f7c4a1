"""Encoder, attention and decoder: against a loop by hand, each row alone, finite differences and torch.nn."""

import itertools

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from seqcli.models.architecture import DataShape, architecture
from seqcli.models.attention import ATTENTIONS
from seqcli.models.attentions import bahdanau
from seqcli.models.seq2seq import loss as losses
from seqcli.models.seq2seq import output_layer
from seqcli.models.seq2seq.beam import Hypothesis, beam_search, is_decided
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.models.seq2seq.greedy import greedy, output_limits
from seqcli.models.seq2seq.search import SearchConfig
from seqcli.models.seq2seq.seq2seq_network import Seq2Seq

PAD, UNK, BOS, EOS = range(4)
V = 7
SOURCES = torch.tensor([[4, 5, 6, 4, 1], [6, 6, 5, 0, 0], [5, 0, 0, 0, 0], [1, 4, 4, 6, 0]])
LENGTHS = torch.tensor([5, 3, 1, 4])
TARGETS = torch.tensor([[5, 6, 3, 0], [4, 4, 4, 3], [3, 0, 0, 0], [6, 3, 0, 0]])
SHAPES = {
    "plain": {"attention": "none", "bidirectional": False},
    "context": {"attention": "none", "feed_context": True, "cell": "lstm"},
    "luong": {"layers": 2},
    "bahdanau": {"attention": "bahdanau", "cell": "lstm", "tied": False},
    "feeding": {"input_feeding": True, "cell": "rnn"},
}


def made(seed: int = 0, **settings: object) -> Seq2Seq:
    config = Seq2SeqConfig(**{"hidden": 6, "embedding": 5, "dropout": 0.0, **settings})
    shape = DataShape("translate", V, 0, V, shared_vocabulary=True)
    network = (
        architecture("seq2seq").build(config, shape, torch.Generator().manual_seed(seed)).double().eval()
    )
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2.5)  # away from uniform outputs, so that searches have something to find
    return network


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def network(request: pytest.FixtureRequest) -> Seq2Seq:
    return made(**request.param)


def shifted(targets: Tensor) -> Tensor:
    return torch.cat([torch.full((len(targets), 1), BOS), targets[:, :-1]], dim=1)


def by_hand(network: Seq2Seq, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Tensor:
    """The mean loss over real tokens, one sentence and one word at a time."""
    terms = []
    for row, length, words in zip(inputs, lengths.tolist(), targets.tolist(), strict=True):
        memory, state = network.begin(row[:length].unsqueeze(0), torch.tensor([length]))
        last = BOS
        for word in words:
            if word == PAD:
                break
            decoded = network.decoder.step(torch.tensor([last]), state, memory)
            logits = decoded.features[0, 0] @ network.words.T + network.bias_output
            smooth = network.config.label_smoothing if network.training else 0.0
            spread = torch.full((V,), smooth / V, dtype=torch.double)
            spread[word] += 1 - smooth
            terms.append(-(spread * logits.log_softmax(0)).sum())
            last, state = word, decoded.state
    return torch.stack(terms).mean()


@pytest.mark.parametrize("training", [False, True])
def test_the_loss_equals_one_sentence_and_one_word_at_a_time(network: Seq2Seq, training: bool) -> None:
    network.train(training)
    ours, theirs = network.batch_loss(SOURCES, LENGTHS, TARGETS), by_hand(network, SOURCES, LENGTHS, TARGETS)
    assert abs(ours - theirs) < 1e-10
    parameters = list(network.parameters())
    pairs = zip(torch.autograd.grad(ours, parameters), torch.autograd.grad(theirs, parameters), strict=True)
    for first, other in pairs:
        assert (first - other).abs().max() < 1e-10


def test_all_steps_at_once_equal_step_after_step(network: Seq2Seq) -> None:
    memory, state = network.begin(SOURCES, LENGTHS)
    whole = network.decoder.run(shifted(TARGETS), state, memory)
    for t, words in enumerate(shifted(TARGETS).unbind(1)):
        result = network.decoder.step(words, state, memory)
        assert (result.features[:, 0] - whole.features[:, t]).abs().max() < 1e-10
        state = result.state
    for part, last in zip(state.recurrent, whole.state.recurrent, strict=True):
        assert (part - last).abs().max() < 1e-10


@pytest.mark.parametrize("tables", [False, True])
def test_search_takes_the_decoder_s_steps_and_reads_what_the_encoder_reads(
    network: Seq2Seq, tables: bool
) -> None:
    order = LENGTHS.argsort(descending=True)
    sources, lengths, words = SOURCES[order], LENGTHS[order], shifted(TARGETS)[order]
    memory, state = network.begin(sources, lengths)
    stepper = network.stepper(tables=tables)
    start = stepper.begin(sources, lengths)
    with torch.no_grad():
        for column in words.unbind(1):
            right = network.decoder.step(column, state, memory)
            features, after = stepper.step(column, start.state, start.memory)
            assert (features - right.features[:, 0]).abs().max() < 1e-12
            start, state = start._replace(state=after), right.state
            for part, other in zip(after.recurrent, state.recurrent, strict=True):
                assert (part - other).abs().max() < 1e-12


@pytest.mark.parametrize("rows", [1, 2, output_layer.BLOCK])
def test_few_sources_of_one_length_are_read_and_continued_as_many_are(network: Seq2Seq, rows: int) -> None:
    sources = torch.randint(4, V, (rows, 5), generator=torch.Generator().manual_seed(0))
    lengths, words = torch.full((rows,), 5), torch.full((rows,), BOS)
    memory, state = network.begin(sources, lengths)
    stepper = network.stepper()
    start = stepper.begin(sources, lengths)
    with torch.no_grad():
        for _ in range(3):
            right = network.decoder.step(words, state, memory)
            features, after = stepper.step(words, start.state, start.memory)
            assert (features - right.features[:, 0]).abs().max() < 1e-12
            for part, other in zip(after.recurrent, right.state.recurrent, strict=True):
                assert (part - other).abs().max() < 1e-12
            start, state, words = start._replace(state=after), right.state, words + 1


class CallCount(TorchFunctionMode):
    """Counts the calls from Python into torch."""

    calls = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.calls += 1
        return func(*args, **(kwargs or {}))


def test_a_word_of_one_sentence_takes_no_more_calls_than_a_plain_loop_would() -> None:
    """Of one sentence the calls cost more than the sums: a plain loop takes about 25 a word."""
    network, counts = made(), []
    network.bias_output.data[EOS] = -1e9  # so that it never ends
    stepper = network.stepper()
    start = stepper.begin(SOURCES[:1], LENGTHS[:1])
    for most in (5, 25):
        with CallCount() as counted:
            assert greedy(stepper, start, torch.tensor([most])).shape == (1, most)
        counts.append(counted.calls)
    assert (counts[1] - counts[0]) / 20 <= 25


def test_search_reads_no_source_after_a_shorter_one() -> None:
    with pytest.raises(ValueError, match="longest first"):
        made().stepper().begin(SOURCES, LENGTHS)


@pytest.mark.parametrize("words", [V, 64, 200, 650])
def test_the_likeliest_words_are_those_of_a_softmax_over_all_words(
    words: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_layer, "WORDS_AT_ONCE", 128)
    torch.manual_seed(0)
    weight, bias, features = (torch.randn(shape).double() for shape in ((words, 5), (words,), (6, 5)))
    before = torch.tensor([[-1.0, -0.5, -torch.inf], [-9.0, -2.0, -3.0]]).double()
    layer = output_layer.OutputLayer(weight, bias)
    values = (features @ weight.T + bias).log_softmax(dim=-1)
    values[:, [PAD, BOS]] = -torch.inf
    assert torch.equal(layer.likeliest(features), values.argmax(dim=-1))
    values[1, 5] = -torch.inf
    sums = (values.view(2, 3, words) + before.unsqueeze(2)).flatten(1)
    banned = output_layer.Banned(torch.tensor([1]), torch.tensor([5]))
    for count in (1, 4, 3 * words):
        best, places = sums.topk(min(count, 3 * words), dim=1)
        real = best.isfinite()
        result = layer.continuations(features, before, count, banned)
        assert torch.equal(result.log_probabilities.isfinite(), real)
        assert (result.log_probabilities - best)[real].abs().max() < 1e-12
        assert torch.equal((result.origins * words + result.words)[real], places[real])
        assert int(result.words.max()) < words


def test_without_input_feeding_the_decoder_is_one_call_of_the_recurrence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []
    for name, wanted in (("luong", 1), ("feeding", TARGETS.shape[1])):
        network = made(**SHAPES[name])
        memory, state = network.begin(SOURCES, LENGTHS)
        calls.clear()
        network.decoder.recurrent.register_forward_hook(lambda *_: calls.append(1))
        network.decoder.run(shifted(TARGETS), state, memory)
        assert len(calls) == wanted


def test_what_the_padding_holds_changes_nothing(network: Seq2Seq) -> None:
    inside = torch.arange(SOURCES.shape[1] + 3) < LENGTHS.unsqueeze(1)
    noisy = torch.where(inside, pad(SOURCES, (0, 3)), 6)
    plain = network.batch_loss(SOURCES, LENGTHS, TARGETS)
    other = network.batch_loss(noisy, LENGTHS, pad(TARGETS, (0, 2)))
    assert abs(plain - other) < 1e-10
    assert torch.equal(network.predict(SOURCES, LENGTHS), network.predict(noisy, LENGTHS))


@pytest.mark.parametrize("name", ATTENTIONS.names())
def test_attention_follows_finite_differences(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bahdanau, "AT_ONCE", 60)  # so that it also runs in pieces
    attention = ATTENTIONS.get(name)(3, 4).double()
    attention.initialise(generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    queries, outputs = torch.randn(2, 5, 3).double(), torch.randn(2, 6, 4).double()
    inputs = [queries.requires_grad_(), outputs.requires_grad_()]
    assert torch.autograd.gradcheck(lambda q, o: attention.scores(q, attention.keys(o)), inputs)


def test_attention_weighs_real_steps_only_and_adds_up_to_one() -> None:
    network = made(attention="bahdanau")
    memory, state = network.begin(SOURCES, LENGTHS)
    weights = network.decoder.run(shifted(TARGETS), state, memory).weights
    assert weights is not None
    assert (weights.sum(dim=-1) - 1).abs().max() < 1e-12
    assert weights.masked_select(memory.beyond.unsqueeze(1).expand_as(weights)).abs().max() == 0


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_output_layer_s_loss_and_gradients_equal_torch_s(
    smoothing: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(losses, "AT_ONCE", 3 * V)
    torch.manual_seed(0)
    parts = [torch.randn(shape).double().requires_grad_() for shape in ((8, 5), (V, 5), (V,))]
    targets = torch.randint(V, (8,))
    features, weight, bias = parts
    ours = losses.smoothed_cross_entropy(features, targets, weight, bias, smoothing=smoothing)
    theirs = cross_entropy(nn.functional.linear(*parts), targets, label_smoothing=smoothing)
    assert abs(ours - theirs) < 1e-12
    for item, other in zip(torch.autograd.grad(ours, parts), torch.autograd.grad(theirs, parts), strict=True):
        assert (item - other).abs().max() < 1e-12


def test_the_bridge_joins_both_directions_of_each_layer_and_state() -> None:
    network = made(cell="lstm", layers=2)
    encoder, bridge = network.encoder, network.encoder.bridge
    assert bridge is not None
    _, states = encoder.recurrent(encoder.embedding(SOURCES), LENGTHS)
    joined = encoder(SOURCES, LENGTHS).state
    for number, (part, state) in enumerate(zip(states, joined, strict=True)):
        for layer in range(2):
            forwards, backwards = part[2 * layer], part[2 * layer + 1]
            place = 2 * number + layer
            both = torch.cat([forwards, backwards], dim=1)
            right = torch.tanh(nn.functional.linear(both, bridge.weight[place], bridge.bias[place]))
            assert (state[layer] - right).abs().max() < 1e-12


def test_teacher_forcing_feeds_the_right_words_as_often_as_it_says() -> None:
    always, never = made(teacher_forcing=1.0).train(), made(teacher_forcing=0.0).train()
    features = never(SOURCES, LENGTHS, TARGETS).features
    own = never.eval().logits(features).argmax(dim=-1)
    always.eval()
    fed = always(SOURCES, LENGTHS, own).features
    assert (features - fed).abs().max() < 1e-10
    assert not torch.equal(own[:, :-1], TARGETS[:, :-1])


def test_vectors_are_shared_where_ids_are_and_counted_once() -> None:
    network = made()
    assert network.encoder.embedding is network.decoder.embedding
    assert network.words is network.decoder.embedding.weight
    counts = {name: sum(p.numel() for p in part) for name, part in network.parts().items()}
    assert counts["embedding"] == V * 5
    assert sum(counts.values()) == sum(parameter.numel() for parameter in network.parameters())
    config = Seq2SeqConfig(hidden=6, embedding=5)
    apart = architecture("seq2seq").build(config, DataShape("translate", V, 0, 9), torch.Generator())
    assert apart.encoder.embedding is not apart.decoder.embedding
    assert apart.words.shape == (9, 5)


def test_input_feeding_needs_attention() -> None:
    with pytest.raises(ValidationError, match="choose an attention"):
        Seq2SeqConfig(input_feeding=True, attention="none")


def searched(
    network: Seq2Seq, sources: Tensor, lengths: Tensor, search: SearchConfig
) -> list[list[Hypothesis]]:
    stepper = network.stepper()
    return beam_search(stepper, stepper.ready(network.begin(sources, lengths)), lengths, search)


def greedy_ids(network: Seq2Seq, sources: Tensor, lengths: Tensor, most: int) -> list[list[int]]:
    stepper = network.stepper()
    start = stepper.ready(network.begin(sources, lengths))
    rows = greedy(stepper, start, output_limits(lengths).clamp(max=most)).tolist()
    return [row[: row.index(EOS)] if EOS in row else [i for i in row if i] for row in rows]


def test_a_beam_of_one_is_greedy_search(network: Seq2Seq) -> None:
    result = searched(network, SOURCES, LENGTHS, SearchConfig(beam=1, max_output_len=9))
    assert [best[0].ids for best in result] == greedy_ids(network, SOURCES, LENGTHS, 9)


@pytest.mark.parametrize("beam", [1, 2, 5])
def test_batches_translate_as_sentences_alone_in_any_order_and_padding(network: Seq2Seq, beam: int) -> None:
    search = SearchConfig(beam=beam, n_best=beam, max_output_len=8)
    alone = []
    for row, length in zip(SOURCES, LENGTHS, strict=True):
        value = row[: int(length)].unsqueeze(0), length.unsqueeze(0)
        alone.append(searched(network, *value, search)[0])
    order = torch.tensor([2, 0, 3, 1])
    padded = pad(SOURCES, (0, 4), value=5)[order]
    together = searched(network, padded, LENGTHS[order], search)
    for place, entry in zip(order.tolist(), together, strict=True):
        assert [element.ids for element in entry] == [item.ids for item in alone[place]]
        for value, other in zip(entry, alone[place], strict=True):
            assert value.score == pytest.approx(other.score, abs=1e-10)
    greedy_alone = [greedy_ids(network, SOURCES[i : i + 1], LENGTHS[i : i + 1], 8)[0] for i in range(4)]
    assert greedy_ids(network, SOURCES, LENGTHS, 8) == greedy_alone


def everything(
    network: Seq2Seq, source: Tensor, most: int, search: SearchConfig
) -> list[tuple[list[int], float]]:
    """Every output of at most `most` words, the best first, those without an end last."""
    memory, state = network.begin(source.unsqueeze(0), torch.tensor([len(source)]))
    words = [UNK, *range(4, V)]
    values = []
    for length in range(1, most + 1):
        endings = [EOS] if length < most else [EOS, *words]
        for body in itertools.product(words, repeat=length - 1):
            for last in endings:
                output = torch.tensor([[*body, last]])
                steps = network.logits(network.decoder.run(shifted(output), state, memory).features)[0]
                value = float(steps.log_softmax(-1)[range(length), output[0]].sum())
                ids = list(body) if last == EOS else [*body, last]
                penalised = value / ((5 + length) / 6) ** search.length_penalty
                values.append((last != EOS, -penalised, ids))
    return [(ids, -score) for _, score, ids in sorted(values)]


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_wide_beam_finds_what_trying_everything_finds(network: Seq2Seq, penalty: float) -> None:
    search = SearchConfig(beam=200, n_best=10, length_penalty=penalty, max_output_len=3)
    with torch.no_grad():
        for row, length in zip(SOURCES, LENGTHS.tolist(), strict=True):
            source = row[:length]
            value = searched(network, source.unsqueeze(0), torch.tensor([length]), search)[0]
            for item, (ids, score) in zip(value, everything(network, source, 3, search), strict=False):
                assert item.ids == ids
                assert item.score == pytest.approx(score, abs=1e-10)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("beam", [2, 5])
def test_no_beam_tells_anything_worse_than_greedy_search(beam: int, penalty: float) -> None:
    def rank(hypotheses: list[Hypothesis]) -> tuple[bool, float]:
        return hypotheses[0].ended, hypotheses[0].score + 1e-9

    better = 0
    for seed in range(12):
        network = made(seed=seed, **list(SHAPES.values())[seed % len(SHAPES)])
        wide = SearchConfig(beam=beam, length_penalty=penalty, max_output_len=15)
        result = wide.model_copy(update={"beam": 1})
        pairs = [searched(network, SOURCES, LENGTHS, search) for search in (wide, result)]
        for hypotheses, taken in zip(*pairs, strict=True):
            assert rank(hypotheses) >= (taken[0].ended, taken[0].score)
            better += hypotheses[0].score > taken[0].score + 1e-9
    assert better


def test_a_sentence_is_closed_only_once_nothing_open_can_win() -> None:
    """Two short outputs end early; a longer one, likely and favoured by its length, ends after them."""
    search = SearchConfig(beam=2, length_penalty=1.0)
    early = [Hypothesis([4], -3.0, search.normalised(-3.0, 2), ended=True)] * 2
    assert search.normalised(-3.5, 10) > early[0].score
    assert not is_decided(early, -3.5, 10, search)
    assert is_decided(early, -3.5, 2, search)
    assert is_decided(early, -3.0 * 15 / 7 - 1e-9, 10, search)
    assert is_decided(early, -3.0, 10, search.model_copy(update={"length_penalty": 0.0}))
    assert not is_decided(early[:1], -30.0, 10, search.model_copy(update={"n_best": 2}))


@pytest.mark.parametrize("beam", [1, 3])
def test_no_output_holds_a_forbidden_repetition(beam: int) -> None:
    network = made(seed=4, attention="none")
    search = SearchConfig(beam=beam, max_output_len=12, no_repeat_ngram=2)
    free = searched(network, SOURCES, LENGTHS, search.model_copy(update={"no_repeat_ngram": 0}))
    held = searched(network, SOURCES, LENGTHS, search)

    def repeats(ids: list[int]) -> bool:
        couples = list(itertools.pairwise(ids))
        return len(couples) != len(set(couples))

    assert any(repeats(element[0].ids) for element in free)
    assert not any(repeats(item[0].ids) for item in held)


class Largest(TorchDispatchMode):
    """Remembers how many numbers the largest tensor made holds; views of another hold no more than it."""

    numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        made = func(*args, **(kwargs or {}))
        for part in tree_leaves(made):
            if isinstance(part, Tensor):
                self.numbers = max(self.numbers, part.untyped_storage().nbytes() // part.element_size())
        return made


@pytest.mark.parametrize("attention", ["none", *ATTENTIONS.names()])
@pytest.mark.parametrize("beam", [1, 5])
def test_a_long_source_takes_memory_in_proportion_to_its_length(attention: str, beam: int) -> None:
    network = made(attention=attention)
    stepper = network.stepper(tables=True)
    length = 500
    source, lengths = torch.full((1, length), 4), torch.tensor([length])
    with Largest() as largest:
        start = stepper.begin(source, lengths)
        if beam == 1:
            greedy(stepper, start, torch.tensor([3]))
        else:
            beam_search(stepper, start, lengths, SearchConfig(beam=beam, max_output_len=3))
    assert largest.numbers <= 40 * length  # 12 of outputs, 5 · 6 of additive attention's comparisons
