"""The models that a run saved, loaded when they are asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.engines.kept_files import MEAN_IMAGE
from harness.errors import UnknownNameError
from harness.seeds import FoldKey
from harness.store import StoredFold

if TYPE_CHECKING:
    import keras


class SavedModels(Mapping[FoldKey, "keras.Model"]):
    """Saved models by fold, each loaded when it is asked for.

    A key is (repeat, fold, init) or, for short, the number of a fold of the first repeat. Files are checked
    against the hashes that were stored with them, and trusted as far as the store is: what a stranger sends is
    for `zoo.model_files.load_model`.
    """

    def __init__(self, folds: Mapping[FoldKey, StoredFold]) -> None:
        self._folds = folds

    def __getitem__(self, key: FoldKey | tuple[int, ...] | int) -> keras.Model:
        import keras

        full = _full(key)
        fold = self._folds[full]
        name = fold.record["model_file"]
        if name is None:
            raise UnknownNameError("saved model", str(full), [])
        fold.read(name)  # verifies the file's hash
        return keras.saving.load_model(fold.artifacts[name])

    def mean_image(self, key: FoldKey | tuple[int, ...] | int) -> NDArray[np.float32] | None:
        """The mean image that a fold's model wants subtracted from every image, or None where it wants none.

        Returns:
            (height, width, channels) float32, in the units of the data's pixels.
        """
        fold = self._folds[_full(key)]
        if MEAN_IMAGE not in fold.files:
            return None
        mean: NDArray[np.float32] = np.load(io.BytesIO(fold.read(MEAN_IMAGE)), allow_pickle=False)
        return mean

    def __iter__(self) -> Iterator[FoldKey]:
        return iter(sorted(self._folds))

    def __len__(self) -> int:
        return len(self._folds)


def _full(key: FoldKey | tuple[int, ...] | int) -> FoldKey:
    return FoldKey(0, key) if isinstance(key, int) else FoldKey(*key)
