"""Early stopping over several calls of `fit` that are one training."""

from __future__ import annotations

import keras


class ContinuedEarlyStopping(keras.callbacks.EarlyStopping):  # type: ignore[misc]
    """`keras.callbacks.EarlyStopping` that remembers the best epoch when a training goes on with `initial_epoch`.

    Keras' own begins anew with every call of `fit`, so that a second phase which only makes the model worse ends
    with its own best epoch and not with that of the first. Patience is counted anew in each phase. As the first
    epoch, that of number 0, begins, all is forgotten.

    Args:
        patience: Epochs without a better validation loss before training stops.

    Example:
        >>> ContinuedEarlyStopping(patience=10).restore_best_weights
        True
    """

    def __init__(self, patience: int) -> None:
        super().__init__(patience=patience, restore_best_weights=True)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Counts patience anew."""
        self.wait = self.stopped_epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Forgets an earlier training as the first epoch begins."""
        if epoch == 0:
            super().on_train_begin(logs)
