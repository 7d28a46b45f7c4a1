"""A trained run that writes captions, read back from its run directory, ready for new images."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from seqcli.data.captions import CaptionRow
from seqcli.data.encoded_captions import ImageShape
from seqcli.data.images import DecodedImage, as_channels, described
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.data.tokenizer import BOS, EOS
from seqcli.errors import DataError, UsageError
from seqcli.models.architecture import DataShape
from seqcli.models.captioning.captioner_network import CaptionerNetwork
from seqcli.results.line_answers import CaptionedImage
from seqcli.runs.run_layout import TOKENIZER_FILE
from seqcli.training.predictor import BATCH, usable_run


@dataclass(frozen=True, eq=False)
class PatchAttention:
    """The attention of a caption's pieces to the patches of its image.

    Attributes:
        pieces: What was written, '⏎' for its end (U).
        weights: The share of each patch, row by row of the image (U, rows, columns); a piece's add up to 1.
    """

    pieces: list[str]
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class PredictedCaption:
    """A run's answer to an image of a table."""

    answer: CaptionedImage


class Captioner:
    """A run's best weights on new images.

    Args:
        network: With its weights, in evaluation mode.
        shape: How it reads images.
        tokenizer: The run's own.
        batch_size: Images that are read together.
        note: What a person should know of a run that is not finished.
    """

    def __init__(
        self,
        network: CaptionerNetwork,
        shape: ImageShape,
        tokenizer: PairTokenizer,
        *,
        batch_size: int = BATCH,
        note: str = "",
    ) -> None:
        self.network = network
        self.shape = shape
        self.tokenizer = tokenizer
        self.batch_size = batch_size
        self.note = note

    @classmethod
    def open(cls, folder: Path, *, batch_size: int = BATCH) -> "Captioner":
        """Read a run directory; every file is checked by SHA-256 before it is used.

        Raises:
            RunError: It is no run whose weights can be used, or a file was changed.
        """
        with usable_run(folder) as run:
            shape = run.reading(ImageShape)
            tokenizer = PairTokenizer.load(run.read(TOKENIZER_FILE).decode())
            sizes = DataShape(
                run.task.kind,
                vocab_size=0,
                input_size=shape.channels,
                output_size=tokenizer.target.vocab_size,
            )
            network = run.network(sizes, CaptionerNetwork)
            return cls(network, shape, tokenizer, batch_size=batch_size, note=run.note)

    def readable(self, image: DecodedImage, where: str) -> NDArray[np.uint8]:
        """An image as the run reads it, (Y, X, I).

        Raises:
            DataError: It has another size.
        """
        if image.pixels.shape[:2] != (self.shape.height, self.shape.width):
            raise DataError(
                f"{where} has {described(image.pixels.shape)}, and the run reads {self.shape.size} pixels",
                "Resize it first; a run that was trained with --image-size does so itself.",
            )
        return as_channels(image.pixels, self.shape.channels)

    def predict(self, images: Sequence[CaptionRow], *, all_classes: bool = False) -> list[PredictedCaption]:  # noqa: ARG002 captions have no classes
        """The caption of each image of a table, in order.

        Raises:
            DataError: One cannot be read, or has another size.
        """
        pixels = [self.readable(row.load(), f"{row.where}: {row.image}") for row in images]
        captions = self.caption(pixels)
        return [
            PredictedCaption(CaptionedImage(image=row.image, caption=caption))
            for row, caption in zip(images, captions, strict=True)
        ]

    @torch.no_grad()
    def caption(self, images: Sequence[NDArray[np.uint8]]) -> list[str]:
        """The likeliest caption of each image (Y, X, I), word by word, in order."""
        captions: list[str] = []
        for start in range(0, len(images), self.batch_size):
            inputs = self._inputs(images[start : start + self.batch_size])
            ids = self.network.predict(inputs, torch.full((len(inputs),), self.shape.pixels))
            captions += [" ".join(self.tokenizer.write(row).splitlines()) for row in ids.tolist()]
        return captions

    @property
    def attends(self) -> bool:
        """Return whether the run's model has attention."""
        return self.network.decoder.attention is not None

    @torch.no_grad()
    def attend(self, image: NDArray[np.uint8]) -> PatchAttention:
        """The attention of each piece of an image's caption while it was written.

        Raises:
            UsageError: The run has no attention.
        """
        if not self.attends:
            raise UsageError(
                "this run's model has no attention to draw",
                "Train one that has: seqcli train captioner:attention=bahdanau ….",
            )
        inputs = self._inputs([image])
        lengths = torch.tensor([self.shape.pixels])
        written = self.network.predict(inputs, lengths)[0].tolist()
        ids = written[: written.index(EOS)] if EOS in written else [word for word in written if word]
        memory, state = self.network.begin(inputs, lengths)
        weights = self.network.decoder.run(torch.tensor([[BOS, *ids]]), state, memory).weights
        if weights is None:
            raise TypeError("a decoder with attention has weights")
        rows, columns = self.network.encoder.map_size(self.shape.height, self.shape.width)
        by_token = weights[0].float().numpy().reshape(-1, rows, columns)
        spelt = [*self.tokenizer.target.spelt(ids), ("⏎", 1)]
        starts = np.cumsum([0, *(count for _, count in spelt[:-1])])
        counts = np.array([count for _, count in spelt], np.float32).reshape(-1, 1, 1)
        means = np.add.reduceat(by_token, starts, axis=0) / counts
        return PatchAttention([text for text, _ in spelt], means.astype(np.float32))

    def _inputs(self, images: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        return torch.from_numpy(self.shape.inputs(np.stack(images)))
