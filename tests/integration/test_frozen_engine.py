"""The frozen engine against plain `model.fit` through the frozen base, and what it keeps."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

import harness
from harness.data import ImageRows
from harness.engines.frozen.augmentation import AugmentedCopies
from harness.engines.frozen.features import FeatureExtractor
from harness.engines.frozen.model import SplitModel
from harness.evaluation import Evaluation
from harness.plan import make_plan
from harness.seeds import FoldKey, FoldSeeds
from harness.settings import Settings

EPOCHS, BATCH, SEED, FOLDS = 3, 8, 5, 2
SHAPE = (12, 12, 3)
KERNEL = np.random.default_rng(1).normal(size=(3, 3, 3, 6)).astype("float32")


def transfer(
    input_shape: tuple[int, ...], *, constant: bool = True, augmented: bool = False, trained: int = 0
) -> keras.Model:
    """A small convolutional base, frozen but for its last layers, its statistics too, and a head with dropout."""
    initializer = keras.initializers.Constant(KERNEL) if constant else "he_normal"
    body = [
        layers.Conv2D(6, 3, activation="relu", kernel_initializer=initializer),
        layers.BatchNormalization(name="norm"),
    ]
    own = [layers.Conv2D(4, 3, activation="relu") for _ in range(trained)]
    base = keras.Sequential([keras.Input(input_shape), *body, *own, layers.MaxPooling2D()], name="base")
    for layer in body if trained else [base]:
        layer.trainable = False
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal", name="flip")(inputs) if augmented else inputs
    x = layers.Flatten(name="flat")(base(layers.Rescaling(1 / 128, offset=-1)(x)))
    x = layers.Dropout(0.3)(layers.Dense(8, activation="relu")(x))
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x), name="transfer")
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def pictures(n: int = 40) -> tuple[Any, Any]:
    """Brighter at the top ("day") or at the bottom ("night")."""
    rng = np.random.default_rng(0)
    pixels = rng.uniform(0, 200, size=(n, *SHAPE))
    labels = np.tile(["day", "night"], n // 2)
    pixels[labels == "day", :6] += 30
    pixels[labels == "night", 6:] += 30
    return pixels.round().astype("float32"), labels


X, Y = pictures()


def evaluated(store: Path, engine: str = "frozen", **how: Any) -> harness.Run:
    data = {} if "dataset" in how else {"X": X, "y": Y}
    settings = {"folds": FOLDS, "epochs": EPOCHS, "batch_size": BATCH, "seed": SEED, "on_error": "raise"}
    settings |= {**data, **how}
    return harness.evaluate(settings.pop("model", transfer), engine=engine, store=store, **settings)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Watched(harness.Progress):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.features: list[tuple[int, int]] = []
        self.messages: list[str] = []

    def features_computed(self, done: int, images: int) -> None:
        self.features.append((done, images))

    def message(self, text: str) -> None:
        self.messages.append(text)


def plain_loop(run: harness.Run, fold: int, **how: Any) -> tuple[keras.Model, Any, dict[str, Any]]:
    """One fold in plain Keras, the rows of each epoch in the documented order."""
    test = run.predictions.query("fold == @fold")["row"].to_numpy()
    train = np.setdiff1d(np.arange(len(X)), test)
    codes = (Y == "night").astype("float32")[:, None]
    seeds = FoldSeeds(SEED, FoldKey(0, fold))
    keras.utils.set_random_seed(seeds.initial_state)
    model = transfer(SHAPE, **how)
    history: dict[str, Any] = {"loss": [], "accuracy": []}
    for order in itertools.islice(seeds.batch_orders(len(train)), EPOCHS):
        rows = train[order]
        logs = model.fit(X[rows], codes[rows], batch_size=BATCH, shuffle=False, verbose=0).history
        for name, values in logs.items():
            history[name] += values
    return model, model.predict(X[test], verbose=0)[:, 0], history


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A first run, and what is left of it for the next one."""
    folder, watched = tmp_path_factory.mktemp("first"), Watched()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_CACHE", str(folder / "cache"))
        run = evaluated(folder / "runs", "auto", progress=watched)
    return {"run": run, "watched": watched, "cache": folder / "cache"}


def assert_as_in_plain_keras(run: harness.Run, **how: Any) -> None:
    for fold in range(FOLDS):
        model, probability, history = plain_loop(run, fold, **how)
        ours = run.predictions.query("fold == @fold")
        np.testing.assert_allclose(ours["p[night]"], probability, atol=1e-4)
        for name, values in history.items():
            np.testing.assert_allclose(run.histories[FoldKey(0, fold)].history[name], values, atol=1e-4)
        for weight, expected in zip(run.models[fold].weights, model.weights, strict=True):
            np.testing.assert_allclose(np.array(weight), np.array(expected), atol=1e-4)


def test_everything_is_as_in_plain_keras(first: dict[str, Any]) -> None:
    assert_as_in_plain_keras(first["run"])


def test_a_base_that_is_drawn_anew_for_each_fold_is_as_in_plain_keras(tmp_path: Path, cache: Path) -> None:
    run = evaluated(tmp_path / "runs", arguments={"constant": False})
    assert run.engine == "frozen"
    assert_as_in_plain_keras(run, constant=False)
    assert list(cache.rglob("*.h5")) == []  # of no use to any other fold or run


def test_a_base_that_is_trained_in_part_is_as_in_plain_keras(tmp_path: Path, cache: Path) -> None:
    run = evaluated(tmp_path / "runs", arguments={"trained": 1})
    assert "192 weights up to 'norm'" in note_of(run)
    assert_as_in_plain_keras(run, trained=1)


def test_the_run_says_what_was_frozen_and_what_trained_the_rest(first: dict[str, Any]) -> None:
    run = first["run"]
    assert run.engine == "frozen"
    assert "192 weights up to 'flat'" in note_of(run)
    assert "engine vectorized trains the rest" in note_of(run)


def assert_same(ours: harness.Run, theirs: harness.Run, files: tuple[str, ...]) -> None:
    """Predictions, histories and saved models, optimizers included."""
    columns = ["p[day]", "p[night]"]
    np.testing.assert_allclose(ours.predictions[columns], theirs.predictions[columns], atol=1e-4)
    for key, history in theirs.histories.items():
        for name, values in history.history.items():
            np.testing.assert_allclose(ours.histories[key].history[name], values, atol=1e-4)
    for fold in range(len(theirs.histories)):
        assert ours.artifacts(fold=fold).keys() == theirs.artifacts(fold=fold).keys() >= {*files}
        for file in files:
            one, other = (keras.models.load_model(run.artifacts(fold=fold)[file]) for run in (ours, theirs))
            for a, b in zip(one.weights, other.weights, strict=True):
                np.testing.assert_allclose(np.array(a), np.array(b), atol=1e-4)
            for a, b in zip(one.optimizer.variables, other.optimizer.variables, strict=True):
                np.testing.assert_allclose(np.array(a), np.array(b), atol=1e-4)


ONE_FOLD: dict[str, Any] = {"cv": [(np.arange(24), np.arange(24, 40))], "folds": None}


def test_checkpoints_and_early_stopping_are_those_of_the_fit_engine(tmp_path: Path, cache: Path) -> None:
    how: dict[str, Any] = {"early_stopping": 1, "checkpoint": "both", **ONE_FOLD}
    ours, theirs = (evaluated(tmp_path / "runs", engine, **how) for engine in ("frozen", "fit"))
    assert_same(ours, theirs, ("best.keras", "last.keras"))


@pytest.mark.parametrize("rate", [0.01, 1e3])
def test_fine_tuning_begins_on_features_and_is_that_of_the_fit_engine(
    tmp_path: Path, cache: Path, rate: float
) -> None:
    """With the greater rate the second phase spoils the model: what was best is of the first."""
    how: dict[str, Any] = {"fine_tune_epochs": 2, "fine_tune_learning_rate": rate}
    how |= {"early_stopping": 2, "checkpoint": "both", **ONE_FOLD}
    watched = Watched()
    ours = evaluated(tmp_path / "runs", "auto", progress=watched, **how)
    assert ours.engine == "frozen"
    assert "engine fit trains the rest on them until fine-tuning begins" in note_of(ours)
    assert watched.features[-1] == (len(X), len(X))
    assert_same(ours, evaluated(tmp_path / "runs", "fit", **how), ("best.keras", "last.keras"))


def logged(folder: Path) -> list[tuple[str, Any]]:
    """Every scalar, and of every histogram count and range, in the order they were written."""
    paths = sorted(folder.rglob("*tfevents*"))
    records = (record for path in paths for record in tf.data.TFRecordDataset(str(path)))
    values = (value for record in records for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value)
    arrays = ((value.tag, tf.make_ndarray(value.tensor)) for value in values)
    numbers = ((tag, array) for tag, array in arrays if array.dtype.kind == "f")
    # A histogram has rows of left edge, right edge and count.
    return [(tag, a if a.ndim == 0 else [a[0, 0], a[-1, 1], a[:, 2].sum()]) for tag, a in numbers]


def test_logs_for_tensorboard_are_those_of_the_whole_model(tmp_path: Path, cache: Path) -> None:
    how: dict[str, Any] = {"early_stopping": 1, "checkpoint": "last", **ONE_FOLD}
    ours, theirs = (
        evaluated(tmp_path / "runs", engine, tensorboard=tmp_path / engine, **how) for engine in ("auto", "fit")
    )
    assert ours.engine == "frozen"
    assert_same(ours, theirs, ("last.keras",))
    one, other = logged(tmp_path / "auto"), logged(tmp_path / "fit")
    assert [tag for tag, _ in one] == [tag for tag, _ in other]
    assert any("conv2d" in tag and "histogram" in tag for tag, _ in one)
    for (_, a), (_, b) in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_features_are_computed_once_for_all_folds_and_runs(
    first: dict[str, Any], tmp_path: Path, cache: Path
) -> None:
    assert first["watched"].features[-1] == (len(X), len(X))
    assert {images for _, images in first["watched"].features} == {len(X)}
    assert len(list(first["cache"].rglob("*.h5"))) == 1
    shutil.copytree(first["cache"], cache)
    again = Watched()
    run = evaluated(tmp_path / "runs", progress=again)
    assert again.features == []
    assert run.predictions.equals(first["run"].predictions)


def test_a_poisoned_cache_is_refused(first: dict[str, Any], tmp_path: Path, cache: Path) -> None:
    shutil.copytree(first["cache"], cache)
    files = list(cache.rglob("*.h5"))
    for path in files:
        content = bytearray(path.read_bytes())
        content[-100] ^= 1
        path.write_bytes(content)
    again = Watched()
    run = evaluated(tmp_path / "runs", progress=again)
    assert run.predictions.equals(first["run"].predictions)
    assert [message for message in again.messages if str(files[0]) in message]
    assert again.features[-1] == (len(X), len(X))


def on_disk(folder: Path) -> harness.Dataset:
    from harness.data.image_rows import ImageRows

    paths = [folder / f"{number:02d}.png" for number in range(len(X))]
    for path, pixels in zip(paths, X, strict=True):
        Image.fromarray(pixels.astype("uint8")).save(path)
    images = ImageRows(paths, SHAPE[:2], budget=0)
    return harness.Dataset("pictures", images, Y, "binary", (), ("time",))


def test_images_are_streamed_from_disk(first: dict[str, Any], tmp_path: Path, cache: Path) -> None:
    streamed = evaluated(tmp_path / "runs", "auto", dataset=on_disk(tmp_path))
    assert streamed.engine == "frozen"
    assert streamed.predictions.equals(first["run"].predictions)


def test_labels_of_test_images_are_never_needed(tmp_path: Path, cache: Path) -> None:
    train, test = np.arange(30), np.arange(30, 40)
    poisoned = Y.copy()
    poisoned[test] = np.where(Y[test] == "day", "night", "day")
    settings: dict[str, Any] = {"cv": [(train, test)], "folds": None}
    honest, other = (evaluated(tmp_path / "runs", y=y, **settings) for y in (Y, poisoned))
    columns = ["row", "p[day]", "p[night]"]
    assert honest.predictions[columns].equals(other.predictions[columns])


def test_augmented_copies_are_made_once_and_of_training_images_only(tmp_path: Path, cache: Path) -> None:
    how: dict[str, Any] = {"arguments": {"augmented": True}, "augment_copies": 3, "folds": 4}
    watched = Watched()
    run = evaluated(tmp_path / "runs", "auto", progress=watched, **how)
    assert run.engine == "frozen"
    images = sum(total for done, total in watched.features if done == total)
    assert images == len(X) * (1 + 3)  # as test images of some fold, and three times as training images
    saved = run.models[1]
    ours = run.predictions.query("fold == 1")
    np.testing.assert_allclose(saved.predict(X[ours["row"]], verbose=0)[:, 0], ours["p[night]"], atol=1e-5)


def test_copies_depend_on_image_seed_and_number_alone(cache: Path) -> None:
    split = SplitModel(transfer(SHAPE, augmented=True), augmentation=True)

    def made(rows: Any, copies: int, folder: str, seed: int = 1) -> Any:
        extractor = FeatureExtractor(split.base, split.base_sha256, SHAPE, harness.Progress(), cache / folder)
        return AugmentedCopies(split, copies, seed).features(extractor, X[rows]).reshape(copies, len(rows), -1)

    features = made(range(20), 2, "a")
    mirrored = split.base.predict(X[:20, :, ::-1], verbose=0)
    plain = split.base.predict(X[:20], verbose=0)
    is_plain, is_mirrored = (np.isclose(features, each, atol=1e-5).all(axis=-1) for each in (plain, mirrored))
    assert (is_plain | is_mirrored).all()
    assert is_plain.any()
    assert is_mirrored.any()
    assert (is_plain[0] != is_plain[1]).any()
    np.testing.assert_array_equal(made(range(10, 20), 1, "b"), features[:1, 10:])
    assert not np.array_equal(made(range(20), 2, "c", seed=2), features)


def kept_for(x: Any, folder: Path) -> set[str]:
    """Where the features of images are kept, one key an image."""
    split = SplitModel(transfer(SHAPE))
    extractor = FeatureExtractor(split.base, split.base_sha256, SHAPE, harness.Progress(), folder)
    features = extractor.of(x)
    np.testing.assert_allclose(features, split.base.predict(np.asarray(x), verbose=0), atol=1e-4)
    return {f"{path.parent.name} {key}" for path in folder.rglob("*.h5") for key in h5py.File(path)["keys"]}


def test_features_of_another_device_or_arithmetic_are_others(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = kept_for(X[:2], cache)
    assert kept_for(X[:2], cache) == computed
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["gpu:0"])
    with_gpu = kept_for(X[:2], cache)
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        exact = kept_for(X[:2], cache)
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(True)
    assert [len(each) for each in (computed, with_gpu, exact)] == [2, 4, 6]


def test_images_that_are_mapped_have_features_of_their_own(cache: Path, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for path, pixels in zip(paths, X, strict=False):
        Image.fromarray(pixels.astype("uint8")).save(path)
    rows = ImageRows(paths, SHAPE[:2])
    assert len(kept_for(rows, cache)) == 4
    assert len(kept_for(rows.map(lambda batch: 255 - batch), cache)) == 8
    assert len(kept_for(rows.map(lambda batch: batch / 2), cache)) == 12


def test_features_that_are_gone_are_computed_again(cache: Path) -> None:
    split = SplitModel(transfer(SHAPE))
    extractor = FeatureExtractor(split.base, split.base_sha256, SHAPE, harness.Progress(), cache)
    before = extractor.of(X)
    for path in cache.rglob("*.h5"):
        path.unlink()
    np.testing.assert_array_equal(extractor.of(X), before)


def note_of(run: harness.Run) -> str:
    return next(note for note in run.notes if note.startswith("Engine"))


DECLINED: dict[str, tuple[dict[str, Any], str]] = {
    "augmentation": ({"arguments": {"augmented": True}}, "'flip' changes images at random"),
    "a preprocessing": ({"preprocessing": "mean_image"}, "fitted on each fold's training rows"),
    "a callback": (
        {"callbacks": lambda: [keras.callbacks.LambdaCallback()]},
        "LambdaCallback may do anything to the whole model",
    ),
}


def chosen(engine: str, **how: Any) -> Evaluation:
    settings = Settings(folds=FOLDS, epochs=1, batch_size=BATCH, engine=engine, **how)  # type: ignore[arg-type]
    return Evaluation.of(make_plan(transfer, X, Y, settings))


@pytest.mark.parametrize("case", DECLINED)
def test_what_cannot_be_kept_is_trained_as_it_is_and_the_run_says_why(case: str) -> None:
    how, reason = DECLINED[case]
    evaluation = chosen("auto", **how)
    assert evaluation.engine.name != "frozen"
    assert reason in evaluation.engine_reason
    with pytest.raises(harness.EngineError, match="The frozen engine cannot train this"):
        chosen("frozen", **how)


def test_fit_insists_on_the_plain_path(tmp_path: Path, cache: Path) -> None:
    run = evaluated(tmp_path / "runs", "fit", epochs=1, **ONE_FOLD)
    assert (run.engine, cache.exists()) == ("fit", False)
    with pytest.raises(harness.EngineError, match="augment_copies is for the frozen engine"):
        chosen("fit", augment_copies=2)


def test_features_that_would_not_fit_into_memory_are_refused(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.engines.frozen.engine._MOST_BYTES", 1000)
    watched = Watched()
    assert evaluated(tmp_path / "runs", "auto", epochs=1, progress=watched, **ONE_FOLD).engine == "fit"
    assert "GiB" in watched.messages[0]
    with pytest.raises(harness.EngineError, match="pool them in the model"):
        evaluated(tmp_path / "runs", epochs=1)
