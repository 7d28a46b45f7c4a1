"""Token ids or real vectors in, a task's answer out: embedding, recurrence, head."""

from abc import abstractmethod
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from seqcli.data.letters import LETTER_FEATURES
from seqcli.models.cell import CELLS, Cell
from seqcli.models.config import ModelConfig
from seqcli.models.convolution import FrameEncoder
from seqcli.models.dropout import LockedDropout
from seqcli.models.frames import FrameSize, recurrent_width
from seqcli.models.head import HEADS, Head
from seqcli.models.initialisation import Initialisation, initialise
from seqcli.models.learner import Judged, Learner
from seqcli.models.lettered import LetteredEmbedding
from seqcli.models.recurrent import Recurrent
from seqcli.models.shuffle import StepShuffle
from seqcli.ops.kernels import Kernel
from seqcli.ops.padding import moved

PAD_ID = 0
"""The id that fills rows up; its embedding is zero and stays zero."""


class Identity(nn.Module):
    """Stands where an embedding would for inputs that are real vectors already: it has no weights."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("like", torch.empty(0), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """The inputs (B, T, I) in the type that the model's weights have."""
        return inputs.to(self.get_buffer("like").dtype)


Reading = nn.Embedding | Identity | FrameEncoder
"""The part that makes a vector of each step."""


class HeadedNetwork(Learner):
    """A model that reads token ids or real vectors and answers by a head: all but how steps become states."""

    embedding: Reading
    """One vector (E) for each of V ids or for each frame, or the real vectors as they are."""
    dropout: LockedDropout
    """Zeroes features of the embedded tokens."""
    head: Head
    """What turns the states of the steps into an answer."""

    def __init__(self) -> None:
        super().__init__()
        # The order in which each example's steps are read, of a control whose steps are permuted.
        self.shuffle: StepShuffle | None = None

    @abstractmethod
    def states(self, embedded: Tensor, lengths: Tensor | None) -> Tensor:
        """One vector a step for the head, (B, T, D·H), from the embedded steps (B, T, E)."""

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """The head's answer.

        Args:
            inputs: (B, T) token ids, (B, T, 1 + L) with those of letters, or (B, T, I) numbers, right-padded;
                what the padding holds changes nothing.
            lengths: (B) real steps of each row, 1 to T; None means that all T are real.

        Returns:
            For a classifier, logits (B, C).
        """
        embedded, places = self.embedded(inputs, lengths)
        return self.answer(self.states(embedded, lengths), lengths, places)

    def embedded(self, inputs: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """One vector a step (B, T, E), some features dropped; and the steps' order, where it is changed."""
        places = None if self.shuffle is None else self.shuffle.places(inputs, lengths)
        read = inputs if places is None else moved(inputs, places)
        return self.dropout(self._embedded(read)), places

    def answer(self, states: Tensor, lengths: Tensor | None, places: Tensor | None) -> Tensor:
        """The head's answer to the states (B, T, D·H) of steps in that order."""
        if places is not None and self.head.every_step:
            states = moved(states, places.argsort(dim=1))  # each answer stands at its own step again
        answer: Tensor = self.head(states, lengths)
        return answer

    def _embedded(self, inputs: Tensor) -> Tensor:
        """One vector a step, (B, T, E), time first in memory: the kernels then copy nothing."""
        ids = isinstance(self.embedding, nn.Embedding)
        vectors: Tensor = self.embedding(inputs.transpose(0, 1) if ids else inputs)
        return vectors.transpose(0, 1) if ids else vectors

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The head's mean loss over the batch, a scalar."""
        return self.head.loss(answers, targets)

    def batch_loss(self, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Tensor:
        """The head's mean loss over the batch, a scalar."""
        answers = self.going_on(inputs, lengths)
        if answers.dtype == torch.bfloat16:  # of three digits, too few for a mean over many terms
            answers = answers.float()
        return self.head.training_loss(answers, targets)

    def going_on(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """The head's answer, from the carried state on where a model carries one."""
        answer: Tensor = self(inputs, lengths)
        return answer

    def judge(self, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Judged:
        """The head's answers, scores and loss."""
        answers = self.going_on(inputs, lengths)
        terms = self.terms(lengths, targets)
        loss = self.loss(answers, targets) * terms
        return Judged(self.head.evaluated(answers, targets), self.head.score(answers, targets), loss, terms)

    def predict(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """The head's answers."""
        answers: Tensor = self(inputs, lengths)
        return answers

    def terms(self, lengths: Tensor, targets: Tensor) -> int:  # noqa: ARG002 the contract's arguments
        """The head's: one a sequence, or one an answered step."""
        return self.head.terms(targets)

    def weight(self, lengths: Tensor, targets: Tensor) -> float:
        """The sum of the classes' weights over the batch, where classes are weighted."""
        if self.head.class_weights is None:
            return super().weight(lengths, targets)
        return float(self.head.class_weights[targets].sum())

    def tokens(self, lengths: Tensor, targets: Tensor) -> int:  # noqa: ARG002 the contract's arguments
        """Real steps of the inputs."""
        return int(lengths.sum())


class Network(HeadedNetwork):
    """A recurrent model over token ids or real vectors.

    Args:
        embedding: One vector (E) for each of V ids or for each frame, or the real vectors as they are.
        recurrent: The layers that read them.
        head: What turns their outputs into an answer.
        dropout: Probability of zeroing a feature of the embedded tokens.
    """

    def __init__(self, embedding: Reading, recurrent: Recurrent, head: Head, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = embedding
        self.dropout = LockedDropout(dropout)
        self.recurrent = recurrent
        self.head = head

    def states(self, embedded: Tensor, lengths: Tensor | None) -> Tensor:
        """The recurrence's outputs, (B, T, D·H)."""
        return self.recurrent.outputs(embedded, lengths)

    @property
    def kernel(self) -> Kernel:
        """The kernel of the recurrence."""
        return self.recurrent.kernel

    def carry(self, follows: NDArray[np.bool_]) -> None:
        """Start the batch to come from the state after the last one, in the rows that follow on from it."""
        cell, hidden = self.recurrent.cell, self.recurrent.hidden_size
        weight = self.recurrent.get_parameter("weight_hh_l0")
        fresh = cell.initial_state(len(follows), hidden, like=weight)
        layers = self.recurrent.num_layers
        state = tuple(part.detach().expand(layers, -1, -1).clone() for part in fresh)
        if self.carried is not None and follows.any():
            rows = torch.from_numpy(np.flatnonzero(follows)).to(weight.device)
            for part, last in zip(state, self.carried, strict=True):
                part[:, rows] = last[:, rows]
        self.carried = state

    def going_on(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """The head's answer, from the carried state on where there is one, which moves on.

        Rows that end early end their stream, so that nothing is carried on from their padding.
        """
        if self.carried is None:
            answer: Tensor = self(inputs, lengths)
            return answer
        embedded = self.dropout(self._embedded(inputs))
        outputs, state = self.recurrent(embedded, None, self.carried)
        self.carried = tuple(part.detach() for part in state)
        read: Tensor = self.head(outputs, lengths)
        return read

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """Return the trained numbers, by part."""
        modules = {"embedding": self.embedding, "recurrent": self.recurrent, "head": self.head}
        return {name: list(module.parameters()) for name, module in modules.items()}


def build(  # noqa: PLR0913 the settings and, by name, all that shapes a network
    config: ModelConfig,
    *,
    vocab_size: int,
    output_size: int,
    generator: Generator,
    head: str | Callable[[ModelConfig, int], Head] = "classify",
    inputs: int | FrameSize = 0,
    letters: int = 0,
) -> Network:
    """A network with its first weights, a pure function of the arguments.

    Args:
        config: The model's settings.
        vocab_size: V, ids from 0 to V - 1, of which 0 is padding.
        output_size: Number of classes, or of values.
        generator: The only source of randomness; on CPU, so that every device starts from the same weights.
        head: The kind of answer, by name; or what makes its head from settings and output size.
        inputs: I, where inputs are real vectors and not ids; or the size of the images that steps are.
        letters: How many ids words' letters may have; 0 where words are read by their own ids alone.

    Raises:
        UsageError: An unknown head, or an initialisation that the cell cannot follow.
    """
    embedding = embedding_of(config, vocab_size=vocab_size, inputs=inputs, letters=letters)
    width = recurrent_width(config.frame_encoder, inputs)
    recurrent = recurrence(config, width or width_of(config, letters))
    answer = (HEADS.get(head) if isinstance(head, str) else head)(config, output_size)
    network = Network(embedding, recurrent, answer, dropout=config.dropout)
    initialise_embedding(network.embedding, config, generator)
    initialise(network.recurrent, initialisation(config), generator=generator)
    network.head.initialise(generator=generator)
    network.shuffle = shuffle_of(config, generator)
    return network


def shuffle_of(config: ModelConfig, generator: Generator) -> StepShuffle | None:
    """The order in which a control reads steps, drawn after all weights: they are the controlled model's."""
    if config.control == "none":
        return None
    # Any number that int64 holds.
    return StepShuffle(int(torch.randint(2**62, (1,), generator=generator)))


def width_of(config: ModelConfig, letters: int) -> int:
    """The width of a token's vector: of its id, and beside it from its letters where those are read."""
    return config.embedding + (LETTER_FEATURES if letters else 0)


def embedding_of(
    config: ModelConfig, *, vocab_size: int, inputs: int | FrameSize, letters: int = 0
) -> Reading:
    """One vector for each id or frame, its weights 0; or what stands there for other real vectors."""
    if isinstance(inputs, FrameSize) and config.frame_encoder != "flat":
        return FrameEncoder(inputs, config.embedding)
    if inputs:
        return Identity()
    embedding: nn.Embedding = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
        torch.zeros(vocab_size, config.embedding), freeze=False, padding_idx=PAD_ID
    )
    return LetteredEmbedding(embedding, letters) if letters else embedding


def recurrence(config: ModelConfig, input_size: int) -> Recurrent:
    """The recurrent layers of a model over inputs of any width; their weights are zero."""
    return Recurrent(
        cell_of(config),
        input_size,
        config.hidden,
        num_layers=config.layers,
        bidirectional=config.bidirectional,
        dropout=config.dropout,
    )


def initialisation(config: ModelConfig) -> Initialisation:
    """Return the initialisation of a model's recurrent layers."""
    return Initialisation(config.init, config.gain, config.forget_bias, config.chrono_length)


def parameter_counts(network: Learner) -> dict[str, int]:
    """Return how many numbers are trained: 'total', and of these 'embedding', 'recurrent' and 'head'."""
    counts = {name: sum(map(Tensor.numel, parameters)) for name, parameters in network.parts().items()}
    return {"total": sum(counts.values()), **counts}


def cell_of(config: ModelConfig) -> Cell:
    """The cell with those of the settings that are its own and were given."""
    cell = CELLS.get(config.cell_name)
    settings = {name: getattr(config, name) for name in cell.settings()}
    return cell(**{name: value for name, value in settings.items() if value is not None})


def initialise_embedding(embedding: Reading, config: ModelConfig, generator: Generator) -> None:
    """Fill what makes a vector of each step from the generator; real vectors have none."""
    if isinstance(embedding, FrameEncoder):
        embedding.initialise(generator=generator)
    if not isinstance(embedding, nn.Embedding):
        return
    with torch.no_grad():
        # torch's N(0, 1) drowns small data: an unseen word is then noise as loud as any other.
        spread = 1.0 if config.init == "torch" else config.embedding**-0.5
        embedding.weight.normal_(0.0, spread, generator=generator)
        embedding.weight[PAD_ID] = 0
    if isinstance(embedding, LetteredEmbedding):
        embedding.by_letters.initialise(generator=generator)
