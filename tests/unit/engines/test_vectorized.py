from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from harness.engines.base import FoldData, FoldFailure, FoldOutcome, FoldTask, Recipe, Shape
from harness.engines.builds import Origin, build_seeded
from harness.engines.vectorized.backend import Program, StatelessModel
from harness.engines.vectorized.block import Block
from harness.engines.vectorized.engine import VectorizedEngine
from harness.engines.vectorized.fold_model import FoldModel
from harness.engines.vectorized.fold_training import FoldTraining
from harness.engines.vectorized.shared_models import FirstModel, SharedModels
from harness.errors import EngineError, FoldError
from harness.progress import Progress
from harness.seeds import FoldKey, FoldSeeds

RECIPE = Recipe(epochs=6, batch_size=8, early_stopping=3, checkpoint="none")


def build(shape: Shape) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(5, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.02))
    return model


def make_task(folder: Path, fold: int, init: int = 0, spoil: Any = None) -> FoldTask:
    """A fold with 30 or, every third, 29 rows for training."""
    generator = np.random.default_rng(fold)
    x = generator.normal(size=(45, 4)).astype(np.float32)
    y = (x[:, :1] - x[:, 1:2] ** 2).astype(np.float32)
    end = 30 - (fold % 3 == 2)

    def prepare() -> FoldData:
        if spoil is not None:
            spoil(x)
        return FoldData(x[:end], y[:end], x[30:36], x[36:], y[36:])

    key = FoldKey(0, fold, init)
    (folder / str(key)).mkdir(parents=True, exist_ok=True)
    return FoldTask(key, FoldSeeds(3, key), prepare, folder / str(key))


def train(tasks: Sequence[FoldTask], recipe: Recipe = RECIPE, threads: int = 2) -> dict[FoldKey, Any]:
    results = VectorizedEngine(threads).train(tasks, build, recipe, Progress())
    return {result.key: result for result in results}


def bits(outcome: FoldOutcome) -> tuple[Any, ...]:
    return outcome.outputs.tobytes(), tuple((name, tuple(values)) for name, values in outcome.history.items())


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> dict[FoldKey, FoldOutcome]:
    folder = tmp_path_factory.mktemp("together")
    return train([make_task(folder, fold, init) for fold in range(4) for init in range(2)])


def test_every_fold_is_trained(together: dict[FoldKey, FoldOutcome]) -> None:
    assert sorted(together) == [FoldKey(0, fold, init) for fold in range(4) for init in range(2)]


def test_seeds_of_one_fold_differ(together: dict[FoldKey, FoldOutcome]) -> None:
    assert bits(together[FoldKey(0, 1, 0)]) != bits(together[FoldKey(0, 1, 1)])


@pytest.mark.parametrize("fold", [0, 2])
def test_a_fold_alone_has_the_bits_it_has_in_company(
    fold: int, together: dict[FoldKey, FoldOutcome], tmp_path: Path
) -> None:
    alone = train([make_task(tmp_path, fold)])
    assert bits(alone[FoldKey(0, fold)]) == bits(together[FoldKey(0, fold)])


def test_order_and_threads_change_no_bit(together: dict[FoldKey, FoldOutcome], tmp_path: Path) -> None:
    tasks = [make_task(tmp_path, fold, init) for fold in (3, 0, 2) for init in (1, 0)]
    others = train(tasks, threads=1)
    assert {key: bits(outcome) for key, outcome in others.items()} == {key: bits(together[key]) for key in others}


def test_a_fold_with_a_missing_number_fails_alone(together: dict[FoldKey, FoldOutcome], tmp_path: Path) -> None:
    def spoil(x: Any) -> None:
        x[7, 2] = np.nan

    results = train([make_task(tmp_path, 0), make_task(tmp_path, 1, spoil=spoil), make_task(tmp_path, 3)])
    failure = results.pop(FoldKey(0, 1))
    assert isinstance(failure, FoldFailure)
    assert isinstance(failure.error, FoldError)
    assert {key: bits(outcome) for key, outcome in results.items()} == {
        key: bits(together[key]) for key in results
    }


def test_a_fold_that_cannot_be_prepared_fails_alone(tmp_path: Path) -> None:
    def spoil(x: Any) -> None:
        raise ValueError("no such column")

    results = train([make_task(tmp_path, 0, spoil=spoil), make_task(tmp_path, 1)])
    assert str(results[FoldKey(0, 0)].error) == "no such column"
    assert isinstance(results[FoldKey(0, 1)], FoldOutcome)


def test_a_callback_it_cannot_call_is_refused(tmp_path: Path) -> None:
    recipe = Recipe(epochs=2, batch_size=8, callbacks=lambda context: [keras.callbacks.Callback()])
    with pytest.raises(EngineError, match="the callback Callback is called by"):
        train([make_task(tmp_path, 0)], recipe)


def test_a_metric_of_several_numbers_is_refused(tmp_path: Path) -> None:
    def build_two(shape: Shape) -> keras.Model:
        model = keras.Sequential([keras.Input(shape), keras.layers.Dense(1)])
        model.compile(loss="mse", metrics=[keras.metrics.R2Score(class_aggregation=None)])
        return model

    with pytest.raises(EngineError, match="'r2_score' is several numbers"):
        list(VectorizedEngine().train([make_task(tmp_path, 0)], build_two, RECIPE, Progress()))


class FailsAtCall:
    """A program that runs out of memory in its n-th call."""

    def __init__(self, number: int) -> None:
        self._left = number
        self._call = Program.__call__

    def __call__(self, program: Any, *arguments: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            raise MemoryError("out of memory")
        return self._call(program, *arguments)


def test_a_call_that_fails_later_is_the_failure_of_one_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = FailsAtCall(4)
    monkeypatch.setattr(Program, "__call__", lambda *arguments: failing(*arguments))
    results = train([make_task(tmp_path, fold) for fold in (0, 1, 3)], threads=1)
    assert sorted(str(r.error) for r in results.values() if isinstance(r, FoldFailure)) == ["out of memory"]


def test_a_first_call_that_fails_is_the_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = FailsAtCall(1)
    monkeypatch.setattr(Program, "__call__", lambda *arguments: failing(*arguments))
    with pytest.raises(EngineError, match="cannot be compiled as a whole: out of memory"):
        train([make_task(tmp_path, 0)], threads=1)


def test_seconds_leave_out_the_waiting_in_the_queue(tmp_path: Path) -> None:
    began = time.perf_counter()
    fold = SharedModels(build, RECIPE).prepare(make_task(tmp_path, 0))
    time.sleep(0.3)
    outcome = FoldTraining(fold, RECIPE, lambda epochs: None, lambda: False).run()
    assert 0 < outcome.seconds <= time.perf_counter() - began - 0.3


@pytest.mark.parametrize(("seed", "built"), [(0, 2), (1, 3)], ids=["of its origin", "of another"])
def test_a_model_that_is_built_already_is_trained_where_it_belongs(
    seed: int, built: int, together: dict[FoldKey, FoldOutcome], tmp_path: Path
) -> None:
    calls = []

    def counting(shape: Shape) -> keras.Model:
        calls.append(shape)
        return build(shape)

    tasks = [make_task(tmp_path, fold) for fold in (0, 1)]
    origin = Origin((4,), tasks[0].seeds.initial_state + seed)
    first = FirstModel(build_seeded(counting, *origin), origin)
    results = list(VectorizedEngine(1, first).train(tasks, counting, RECIPE, Progress()))
    assert len(calls) == built  # one of each seed, the second to find out how the others follow from theirs
    assert [bits(result) for result in results] == [bits(together[task.key]) for task in tasks]


def test_the_first_prediction_is_rehearsed_once_the_models_are_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    predict = StatelessModel.predict

    def noted(shape: Shape) -> keras.Model:
        events.append("built")
        return build(shape)

    def watched(*arguments: Any) -> Any:
        outputs = predict(*arguments)
        if threading.current_thread() is threading.main_thread():  # folds are trained in others
            events.append("rehearsed")
        return outputs

    monkeypatch.setattr(StatelessModel, "predict", watched)
    tasks = [make_task(tmp_path, fold) for fold in (0, 1, 2)]
    assert len(list(VectorizedEngine(1).train(tasks, noted, RECIPE, Progress()))) == 3
    assert events == ["built", "built", "rehearsed"]


def test_a_prediction_that_fails_in_rehearsal_fails_the_folds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("no such shape")

    monkeypatch.setattr(StatelessModel, "predict", fail)
    tasks = [make_task(tmp_path, fold) for fold in (0, 1)]
    results = list(VectorizedEngine(1).train(tasks, build, RECIPE, Progress()))
    assert [str(result.error) for result in results if isinstance(result, FoldFailure)] == ["no such shape"] * 2
    assert len(results) == 2


def test_a_state_that_is_kept_keeps_no_other_in_memory() -> None:
    kept = np.zeros((50, 1000), np.float32)
    block = Block([np.zeros(1000, np.float32)], np.zeros((3, 1), np.float32), (kept,), 1.0)
    (read,) = block.reader(1)()
    assert not np.shares_memory(read, kept)


def test_what_is_saved_is_read_at_once(tmp_path: Path) -> None:
    class Writer:
        model = build((4,))

    values = [np.asarray(variable) for variable in Writer.model.variables]
    fold: Any = FoldModel(Writer, Writer.model.variables)  # type: ignore[arg-type]
    source = WeakList(values)
    fold.show(lambda source=source: [value.copy() for value in source])
    alive = weakref.ref(source)
    fold.save(tmp_path / "model.keras")
    del source
    fold.show(list)
    assert alive() is None


class WeakList(list[Any]):
    """A list that can be referred to weakly."""


def test_a_fold_over_budget_is_told_once(tmp_path: Path) -> None:
    class Watching(Progress):
        told: list[str] = []  # noqa: RUF012

        def message(self, text: str) -> None:
            self.told.append(text)

    recipe = replace(RECIPE, memory=1)
    tasks = [make_task(tmp_path, fold) for fold in (0, 1)]
    assert len(list(VectorizedEngine(1).train(tasks, build, recipe, watching := Watching()))) == 2
    assert [text[:12] for text in watching.told] == ["A fold takes"]


def test_a_builder_without_randomness_of_its_own_gives_equal_folds_twice(tmp_path: Path) -> None:
    first, second = (train([make_task(tmp_path, 1)])[FoldKey(0, 1)] for _ in range(2))
    assert bits(first) == bits(second)


def test_progress_ends_at_the_last_epoch(tmp_path: Path) -> None:
    class Watching(Progress):
        done: dict[str, int] = {}  # noqa: RUF012

        def epoch_finished(self, fold: str, epoch: int, epochs: int) -> None:
            assert threading.current_thread() is threading.main_thread()
            self.done[fold] = epoch

    recipe = Recipe(epochs=4, batch_size=8, checkpoint="none")
    watching = Watching()
    assert len(list(VectorizedEngine().train([make_task(tmp_path, 0)], build, recipe, watching))) == 1
    assert watching.done == {"repeat 0 fold 0": 4}


def test_giving_up_ends_the_threads(tmp_path: Path) -> None:
    before = threading.active_count()
    recipe = Recipe(epochs=100_000, batch_size=8, checkpoint="none")
    short = make_task(tmp_path, 0, spoil=lambda x: x.fill(np.nan))
    results = VectorizedEngine(2).train(
        [short, *(make_task(tmp_path, f) for f in (1, 3, 4))], build, recipe, Progress()
    )
    assert isinstance(next(results), FoldFailure)
    results.close()
    assert threading.active_count() == before
