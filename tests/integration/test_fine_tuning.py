"""Fine-tuning through the harness: two phases, one history, what plain Keras gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import harness
from harness.errors import UsageError
from harness.evaluation import Evaluation
from harness.plan import make_plan
from harness.seeds import FoldKey
from harness.settings import Settings
from tests.fakes import two_blobs


def half_frozen(input_shape: tuple[int, ...]) -> keras.Model:
    base = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(3, name="frozen")], name="base")
    base.trainable = False
    inputs = keras.Input(input_shape)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid", name="output")(base(inputs)))
    model.compile(keras.optimizers.SGD(0.5), loss="binary_crossentropy", metrics=["accuracy"])
    return model


class Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Notes what is trained, and how fast, in every epoch."""

    seen: list[tuple[int, float, int]]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        rate = float(self.model.optimizer.learning_rate)
        self.seen.append((epoch, round(rate, 6), len(self.model.trainable_variables)))


def watching(seen: list[tuple[int, float, int]]) -> Callable[[], list[Any]]:
    def make() -> list[Any]:
        watch = Watch()
        watch.seen = seen
        return [watch]

    return make


HOW: dict[str, Any] = {"epochs": 2, "folds": 2, "batch_size": 8}


def evaluated(data: Any = None, **settings: Any) -> harness.Run:
    X, y = data or two_blobs()
    return harness.evaluate(half_frozen, X, y, store=None, **HOW, **settings)


def name_of(model: Any, **settings: Any) -> str:
    """The name that a run would have."""
    return Evaluation.of(make_plan(model, *two_blobs(), Settings(**HOW, **settings))).run_id()


@pytest.fixture(scope="module")
def two_phases() -> harness.Run:
    return evaluated(fine_tune_epochs=3)


def test_all_is_trained_in_the_second_phase_at_a_tenth_of_the_rate() -> None:
    seen: list[tuple[int, float, int]] = []
    run = evaluated(fine_tune_epochs=3, callbacks=watching(seen))
    one_fold = [(0, 0.5, 2), (1, 0.5, 2), (2, 0.05, 4), (3, 0.05, 4), (4, 0.05, 4)]
    assert seen == one_fold * 2
    assert run.n_failed == 0


def test_history_holds_both_phases(two_phases: harness.Run) -> None:
    history = two_phases.history
    losses = history[(history.fold == 1) & (history.metric == "loss")]
    assert losses.epoch.tolist() == [0, 1, 2, 3, 4]


def test_first_phase_is_what_it_is_without_the_second(two_phases: harness.Run) -> None:
    with_second, without = two_phases.history, evaluated(engine="fit").history
    key = ["fold", "metric", "epoch"]
    first = with_second[with_second.epoch < 2].sort_values(key)
    np.testing.assert_array_equal(first.value, without.sort_values(key).value)


def without_a_pattern() -> tuple[Any, Any]:
    """Rows of which nothing can be learned: whoever is sure of their labels is wrong on half."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(120, 2)), rng.permutation(np.tile(["no", "yes"], 60))


@pytest.mark.parametrize("early_stopping", [2, "geometric"])
def test_a_second_phase_that_spoils_the_model_is_undone(early_stopping: Any) -> None:
    """Best epoch, best file and predictions are those of the first phase."""
    data = without_a_pattern()
    run = evaluated(
        data,
        fine_tune_epochs=4,
        fine_tune_learning_rate=5.0,
        early_stopping=early_stopping,
        checkpoint="both",
        seed=3,
    )
    assert run.n_failed == 0
    for stored in run.stored.folds:
        key = FoldKey(*stored.key)
        val_loss = run.histories[key].history["val_loss"]
        assert min(val_loss[:2]) < min(val_loss[2:])
        assert stored.record["best_epoch"] == int(np.argmin(val_loss)) < 2
        best = keras.saving.load_model(stored.artifacts["best.keras"])
        rows = run.predictions[run.predictions.fold == key.fold]
        said = best.predict(data[0][rows.row.to_numpy()].astype(np.float32), verbose=0)[:, 0]
        np.testing.assert_allclose(rows["p[yes]"], said, atol=1e-6)
        last = keras.saving.load_model(stored.artifacts["last.keras"])
        assert not np.allclose(best.get_weights()[0], last.get_weights()[0])


def test_without_early_stopping_the_best_file_is_the_best_of_both_phases() -> None:
    data = without_a_pattern()
    run = evaluated(data, fine_tune_epochs=4, fine_tune_learning_rate=5.0, checkpoint="best", seed=3)
    short = evaluated(data, engine="fit", checkpoint="best", seed=3)
    for fold in (0, 1):
        best, first = (keras.saving.load_model(each.artifacts(fold=fold)["best.keras"]) for each in (run, short))
        for weight, other in zip(best.get_weights(), first.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, other)


def test_rate_and_frozen_layers_of_the_second_phase_are_those_asked_for() -> None:
    seen: list[tuple[int, float, int]] = []
    asked: dict[str, Any] = {"fine_tune_learning_rate": 0.2, "fine_tune_frozen_layers": 2}
    evaluated(fine_tune_epochs=1, callbacks=watching(seen), **asked)
    assert seen == [(0, 0.5, 2), (1, 0.5, 2), (2, 0.2, 2)] * 2


def test_fine_tuned_fold_is_another_than_one_that_is_not(two_phases: harness.Run) -> None:
    how: list[dict[str, Any]] = [
        {},
        {"fine_tune_epochs": 3},
        {"fine_tune_epochs": 3, "fine_tune_frozen_layers": 1},
    ]
    names = [name_of(half_frozen, **each) for each in how]
    assert len(set(names)) == 3
    assert names[1] == two_phases.id


def test_rate_without_epochs_is_refused() -> None:
    with pytest.raises(UsageError, match="fine_tune_learning_rate goes with fine_tune_epochs"):
        evaluated(fine_tune_learning_rate=0.1)
    with pytest.raises(UsageError, match="fine_tune_frozen_layers goes with fine_tune_epochs"):
        evaluated(fine_tune_frozen_layers=1)


def test_weights_file_of_other_content_is_another_fold(tmp_path: Path) -> None:
    names = set()
    for content in ("a", "b"):
        (tmp_path / "weights").write_text(content)
        names.add(name_of(with_weights, arguments={"weights": str(tmp_path / "weights")}))
    assert len(names) == 2


def with_weights(input_shape: tuple[int, ...], weights: str) -> keras.Model:
    return half_frozen(input_shape)
