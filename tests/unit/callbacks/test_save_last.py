from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from harness.callbacks.save_last import SaveLast

X, Y = np.ones((8, 2), np.float32), np.ones((8, 1), np.float32)


class Worsens(keras.callbacks.Callback):  # type: ignore[misc]
    """Makes every epoch after the first one worse, and remembers the bias it ended with."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        assert logs is not None
        logs["val_loss"] = float(epoch)
        self.bias = float(self.model.layers[-1].bias.numpy()[0])


def test_the_last_weights_are_saved_before_the_best_are_restored(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    watch = Worsens()
    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    model.fit(X, Y, epochs=9, verbose=0, callbacks=[watch, SaveLast(tmp_path / "last.keras"), stop])
    saved = keras.saving.load_model(tmp_path / "last.keras")
    assert float(saved.layers[-1].bias.numpy()[0]) == watch.bias
    assert float(model.layers[-1].bias.numpy()[0]) != watch.bias


def test_nothing_is_written_while_training(tmp_path: Path) -> None:
    saver = SaveLast(str(tmp_path / "last.keras"))
    saver.on_epoch_end(0)
    assert list(tmp_path.iterdir()) == []
