from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from harness.data import from_image_folder
from harness.evaluation import Evaluation
from harness.identity import model_sha256, run_id
from harness.plan import make_plan
from harness.seeds import FoldKey
from harness.settings import Settings
from tests.pictures import picture_folder

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))
Y = np.tile(["a", "b"], 10)
FIRST = FoldKey(0, 0)


def _net(units: int = 2, **compiled: Any) -> keras.Model:
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(units), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(**{"loss": "binary_crossentropy", "optimizer": "adam", **compiled})
    return model


def builder(units: int = 2) -> keras.Model:
    return _net(units)


def _evaluation(X: Any = X, y: Any = Y, model: Any = builder, **settings: Any) -> Evaluation:
    asked = {"folds": 2, "epochs": 1, "seed": 1, "engine": "fit", **settings}
    return Evaluation.of(make_plan(model, X, y, Settings(**asked)))


@pytest.fixture(scope="module")
def base() -> Evaluation:
    return _evaluation()


def _scheduled(rate: float) -> Callable[[], list[Any]]:
    return lambda: [keras.callbacks.LearningRateScheduler(lambda epoch: rate)]


def _with_loss(factor: float) -> Callable[[], keras.Model]:
    def loss(truth: Any, said: Any) -> Any:
        return factor * keras.losses.binary_crossentropy(truth, said)

    return lambda: _net(loss=loss)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"epochs": 2},
        {"batch_size": 5},
        {"arguments": {"units": 3}},
        {"preprocessing": "standardize"},
        {"inner_val": 0.3},
        {"early_stopping": 1},
        {"checkpoint": "none"},
        {"class_weight": "balanced"},
        {"threshold": "f1"},
        {"callbacks": _scheduled(0.1)},
        {"X": X + 1e-9},
        {"y": Y[::-1]},
        {"model": lambda: _net()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_a_fold_depends_on_is_in_its_key(base: Evaluation, change: dict[str, Any]) -> None:
    assert _evaluation(**change).fold_key(FIRST, 0) != base.fold_key(FIRST, 0)


@pytest.mark.parametrize(
    "change", [{"metrics": "mcc"}, {"init_seeds": 3}, {"threshold": 0.3}], ids=lambda change: next(iter(change))
)
def test_what_a_fold_does_not_depend_on_is_not(base: Evaluation, change: dict[str, Any]) -> None:
    assert _evaluation(**change).fold_key(FIRST, 0) == base.fold_key(FIRST, 0)


def test_a_fold_keeps_the_choice_of_every_criterion() -> None:
    keys = [_evaluation(threshold=name, inner_val=0.3).fold_key(FIRST, 0) for name in ("f1", "youden")]
    assert keys[0] == keys[1] != _evaluation(inner_val=0.3).fold_key(FIRST, 0)


@pytest.mark.parametrize("threshold", ["f1", 0.3])
def test_runs_of_unlike_thresholds_have_unlike_names(base: Evaluation, threshold: Any) -> None:
    assert _evaluation(threshold=threshold).run_id() != base.run_id()


def test_the_same_evaluation_has_the_same_name(base: Evaluation) -> None:
    assert _evaluation().run_id() == base.run_id()


def test_more_repeats_keep_the_keys_of_the_first(base: Evaluation) -> None:
    more = [_evaluation(repeats=repeats).fold_key(FIRST, 0) for repeats in (2, 3)]
    assert more[0] == more[1]


def test_folds_seeds_and_attempts_have_keys_of_their_own(base: Evaluation) -> None:
    asked = [(FIRST, 0), (FoldKey(0, 1), 0), (FoldKey(0, 0, 1), 0), (FIRST, 1)]
    assert len({base.fold_key(key, attempt) for key, attempt in asked}) == 4


@pytest.mark.parametrize("make", [_scheduled], ids=["learning rates"])
def test_a_function_that_a_callback_holds_counts(make: Any) -> None:
    one, other = (_evaluation(callbacks=make(rate)).fold_key(FIRST, 0) for rate in (0.1, 0.2))
    assert one != other


def test_a_value_that_a_loss_closes_over_counts() -> None:
    one, other = (_evaluation(model=_with_loss(factor)).fold_key(FIRST, 0) for factor in (1.0, 2.0))
    assert one != other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_net(2), _net(3)),
        (_net(), _net(optimizer="sgd")),
        (_net(), _net(loss="mse")),
        (_net(optimizer=keras.optimizers.Adam(0.1)), _net(optimizer=keras.optimizers.Adam(0.2))),
        (_net(), _net(metrics=["accuracy"])),
    ],
    ids=["units", "optimizer", "loss", "learning rate", "metrics"],
)
def test_other_models_have_another_hash(one: keras.Model, other: keras.Model) -> None:
    assert model_sha256(one) != model_sha256(other)


def test_the_numbers_in_keras_names_do_not_count() -> None:
    assert model_sha256(_net()) == model_sha256(_net())


def _tangled(first: int) -> keras.Model:
    inputs = keras.Input((3,))
    heads = [keras.layers.Dense(3)(inputs) for _ in range(2)]
    model = keras.Model(inputs, keras.layers.Subtract()([heads[first], heads[1 - first]]))
    model.compile(loss="mse")
    return model


def test_which_layer_feeds_which_counts() -> None:
    assert model_sha256(_tangled(0)) != model_sha256(_tangled(1))


def test_the_source_of_an_own_layer_counts() -> None:
    hashes = []
    for sign in ("+", "-"):
        names: dict[str, Any] = {"keras": keras}
        exec(f"class Own(keras.layers.Layer):\n    def call(self, x):\n        return x {sign} 1", names)
        model = keras.Sequential([keras.Input((3,)), names["Own"](), keras.layers.Dense(1)])
        model.compile(loss="mse")
        hashes.append(model_sha256(model))
    assert hashes[0] != hashes[1]


def test_what_decodes_images_counts_for_images_only(
    base: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = from_image_folder(picture_folder(tmp_path / "pets", count=4), image_size=(3, 1))

    def keys() -> list[str]:
        of_images = _evaluation(None, None, flat, dataset=images)
        return [of_images.fold_key(FIRST, 0), _evaluation().fold_key(FIRST, 0)]

    before = keys()
    monkeypatch.setattr("harness.identity.decoder_version", lambda: "Pillow 99.0")
    assert [one == other for one, other in zip(before, keys(), strict=True)] == [False, True]


def flat() -> keras.Model:
    layers = [keras.Input((3, 1, 3)), keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential(layers)
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model


def test_a_name_is_one_that_a_file_may_have() -> None:
    assert run_id({"model": "a b/c:<lambda>"}).startswith("a-b-c--lambda--")
