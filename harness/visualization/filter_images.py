"""A film of the filters of a layer, while it learns."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from harness.visualization.filters import FilterPictures, filter_kernel, filter_pictures

_DPI = 80
_COLOURS = 128  # of a frame; more make a larger file, and look no different
_LAST_MILLISECONDS = 2000


class FilterImages(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes an animated GIF of a convolution's filters: a frame before training, and one every so many steps.

    All frames are drawn on the scale of the largest weight in any of them, when training has ended. The callback
    looks at single batches, so that in the harness the fit engine trains. A training that goes on with
    `initial_epoch`, as in fine-tuning, goes on in the film.

    Args:
        layer: Name of the convolution.
        path: The file to write; in the harness, one in `FoldContext.directory` is kept with the run.
        every: Steps, that is mini-batches, from one frame to the next, 1 or more.
        milliseconds: How long a frame is shown, 20 or more; the last one is shown for two seconds.

    Raises:
        ValueError: `every` or `milliseconds` is out of its range.
        UnknownNameError: As training begins: no such layer.
        UsageError: As training begins: the layer has no two-dimensional filters.

    Example:
        >>> film = FilterImages("block1_conv1", "filters.gif", every=50)
        >>> model.fit(X, y, epochs=10, callbacks=[film])  # doctest: +SKIP
    """

    def __init__(
        self, layer: str, path: str | os.PathLike[str], *, every: int = 50, milliseconds: int = 200
    ) -> None:
        super().__init__()
        if every < 1:
            raise ValueError(f"`every` must be 1 or more. Received: every={every}")
        if milliseconds < 20:
            raise ValueError(f"`milliseconds` must be 20 or more. Received: milliseconds={milliseconds}")
        self.layer = layer
        self.path = Path(path)
        self.every = every
        self.milliseconds = milliseconds

        self._frames: list[tuple[int, FilterPictures]] = []
        self._step = self._steps_before = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Takes the first frame as a training begins, and notes how many steps the epochs before took."""
        if epoch == 0 or not self._frames:
            self._frames, self._step = [], 0
            self._take()
        self._steps_before = self._step

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Takes a frame if it is time."""
        # One call may run several batches, and tells the number of the last.
        before, self._step = self._step, self._steps_before + batch + 1
        if self._step // self.every > before // self.every:
            self._take()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Takes the last frame, and writes the file."""
        if self._frames[-1][0] != self._step:
            self._take()
        first, *others = self._images()
        durations = [self.milliseconds] * len(others) + [_LAST_MILLISECONDS]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        first.save(self.path, format="GIF", save_all=True, append_images=others, duration=durations, loop=0)

    @property
    def steps(self) -> list[int]:
        """The steps after which frames were taken."""
        return [step for step, _ in self._frames]

    def _take(self) -> None:
        self._frames.append((self._step, filter_pictures(filter_kernel(self.model, self.layer))))

    def _images(self) -> Iterator[Any]:
        most = max(float(np.abs(pictures.weights).max()) for _, pictures in self._frames)
        for step, pictures in self._frames:
            yield _image(pictures.draw(f"{self.layer} after {step} steps", most))


def _image(figure: Figure) -> Any:
    """The figure as a Pillow image of few colours."""
    from PIL import Image

    figure.set_dpi(_DPI)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    return pixels.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE)
