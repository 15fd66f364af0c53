"""The film: as many frames as steps ask for, each of the weights as they were, in a GIF that Pillow can read."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

import harness
from harness.errors import UnknownNameError
from harness.visualization import FilterImages

X = np.random.default_rng(0).normal(size=(40, 8, 8, 3)).astype(np.float32)
Y = np.arange(40) % 2


def small_cnn(input_shape: tuple[int, ...] = (8, 8, 3), *, steps_per_execution: int = 1) -> keras.Model:
    layers = [
        keras.Input(input_shape),
        keras.layers.Conv2D(2, 3, name="conv"),
        keras.layers.Flatten(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    model = keras.Sequential(layers)
    optimizer = keras.optimizers.SGD(0.5)
    model.compile(optimizer, loss="binary_crossentropy", steps_per_execution=steps_per_execution)
    return model


class Recording(keras.callbacks.Callback):  # type: ignore[misc]
    """Remembers the filters after every step; before training, at step 0."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.kernels = [self.model.get_layer("conv").get_weights()[0]]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.kernels.append(self.model.get_layer("conv").get_weights()[0])


def test_a_frame_is_taken_every_so_many_steps_over_all_epochs(tmp_path: Path) -> None:
    film, recording = FilterImages("conv", tmp_path / "film.gif", every=4), Recording()
    small_cnn().fit(X, Y, batch_size=8, epochs=3, verbose=0, callbacks=[recording, film])
    assert film.steps == [0, 4, 8, 12, 15]
    for step, pictures in film._frames:
        np.testing.assert_array_equal(pictures.weights, np.moveaxis(recording.kernels[step], 3, 0))


def test_the_file_is_an_animation_that_repeats(tmp_path: Path) -> None:
    film = FilterImages("conv", tmp_path / "new folder" / "film.gif", every=4)
    small_cnn().fit(X, Y, batch_size=8, epochs=3, verbose=0, callbacks=[film])
    with Image.open(film.path) as animation:
        assert (animation.format, animation.n_frames, animation.info["loop"]) == ("GIF", 5, 0)
        frames = []
        for number in range(animation.n_frames):
            animation.seek(number)
            frames.append(np.asarray(animation.convert("RGB"), dtype=int))
    # Below the title, which counts the steps, other weights are other colours.
    assert all(np.abs(one[60:] - other[60:]).max() > 20 for one, other in itertools.pairwise(frames))


def test_several_steps_in_one_call_are_counted(tmp_path: Path) -> None:
    film = FilterImages("conv", tmp_path / "film.gif", every=4)
    small_cnn(steps_per_execution=5).fit(X, Y, batch_size=4, epochs=2, verbose=0, callbacks=[film])
    assert film.steps == [0, 5, 10, 15, 20]


def test_a_training_that_goes_on_goes_on_in_the_film(tmp_path: Path) -> None:
    film, model = FilterImages("conv", tmp_path / "film.gif", every=4), small_cnn()
    model.fit(X, Y, batch_size=8, epochs=1, verbose=0, callbacks=[film])
    model.fit(X, Y, batch_size=8, initial_epoch=1, epochs=3, verbose=0, callbacks=[film])
    assert film.steps == [0, 4, 5, 8, 12, 15]
    with Image.open(film.path) as animation:
        assert animation.n_frames == 6
    model.fit(X, Y, batch_size=8, epochs=1, verbose=0, callbacks=[film])
    assert film.steps == [0, 4, 5]


def test_a_run_keeps_the_film_of_each_fold(tmp_path: Path) -> None:
    run = harness.evaluate(
        small_cnn,
        X,
        Y,
        folds=2,
        epochs=1,
        batch_size=5,
        callbacks=lambda context: [FilterImages("conv", context.directory / "film.gif", every=2)],
        store=tmp_path,
    )
    for fold in (0, 1):
        with Image.open(run.artifacts(fold=fold)["film.gif"]) as animation:
            assert animation.n_frames == 3


def test_an_unknown_layer_is_named_as_training_begins(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown layer 'cnov'\. Did you mean 'conv'\?"):
        small_cnn().fit(X, Y, verbose=0, callbacks=[FilterImages("cnov", tmp_path / "film.gif")])


@pytest.mark.parametrize(("name", "bad"), [("every", 0), ("milliseconds", 5)])
def test_a_setting_out_of_range_is_named(name: str, bad: int) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be .* or more. Received: {name}={bad}"):
        FilterImages("conv", "film.gif", **{name: bad})
