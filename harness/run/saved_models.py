"""The models that a run saved, loaded when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from harness.errors import UnknownNameError
from harness.seeds import FoldKey
from harness.store import StoredFold

if TYPE_CHECKING:
    import keras


class SavedModels(Mapping[FoldKey, "keras.Model"]):
    """Saved models by fold, each loaded when it is asked for.

    A key is (repeat, fold, init) or, for short, the number of a fold of the first repeat.
    """

    def __init__(self, folds: Mapping[FoldKey, StoredFold]) -> None:
        self._folds = folds

    def __getitem__(self, key: FoldKey | tuple[int, ...] | int) -> keras.Model:
        import keras

        full = FoldKey(0, key) if isinstance(key, int) else FoldKey(*key)
        fold = self._folds[full]
        name = fold.record["model_file"]
        if name is None:
            raise UnknownNameError("saved model", str(full), [])
        fold.read(name)  # verifies the file's hash
        return keras.saving.load_model(fold.artifacts[name])

    def __iter__(self) -> Iterator[FoldKey]:
        return iter(sorted(self._folds))

    def __len__(self) -> int:
        return len(self._folds)
