"""What every model of the zoo promises, one behaviour a test, over the whole registry."""

from __future__ import annotations

import inspect
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

import zoo
from tests.small_inputs import other_shape, small_model
from zoo import ModelSpec
from zoo._table import BUILT_IN
from zoo._unallocated import unallocated

# Raised by Keras itself when it saves a TensorFlow variable under NumPy 2.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning:keras.src.backend.tensorflow.core"
)

# (inputs + 1) * units, layer by layer; the image models at the size of `small_model`.
PARAMETERS = {
    "linear_regression": (2 + 1) * 1,
    "mammography_mlp": (6 + 1) * 50 + (50 + 1) * 1,
    "mnist_softmax": (784 + 1) * 10,
    "multi_output_mlp": (10 + 1) * 20 + (20 + 1) * 3,
    "pets_cnn": (27 + 1) * 8 + (72 + 1) * 8 + (72 + 1) * 16 + (144 + 1) * 16 + (1024 + 1) * 32 + (32 + 1) * 2,
    "pima_mlp": (8 + 1) * 12 + (12 + 1) * 8 + (8 + 1) * 1,
    "sonar_baseline": (60 + 1) * 60 + (60 + 1) * 30 + (30 + 1) * 1,
    "sonar_dropout": (60 + 1) * 60 + (60 + 1) * 30 + (30 + 1) * 1,
    "sonar_dropout_hidden": (60 + 1) * 60 + (60 + 1) * 30 + (30 + 1) * 1,
    "vgg19_transfer": 260_160 + (4 * 4 * 128 + 1) * 32 + (32 + 1) * 32 + (32 + 1) * 16,
}
OUTPUTS = {"mnist_softmax": 10, "multi_output_mlp": 3, "pets_cnn": 2, "vgg19_transfer": 16}
# At the size at which images are read unless told otherwise: 4 bytes a weight, and as many again for its gradient
# and for each number that the optimizer keeps.
MOST_PARAMETERS = 150_000_000
# The source's network has a softmax of two units; all others share one probability.
TWO_UNITS = {"pets_cnn"}


def is_classifier(spec: ModelSpec) -> bool:
    return "regression" not in spec.tasks


@pytest.fixture(scope="module", params=BUILT_IN, ids=lambda spec: spec.name)
def spec(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[spec for spec in BUILT_IN if is_classifier(spec)], ids=lambda spec: spec.name)
def classifier(request: pytest.FixtureRequest) -> Any:
    return request.param


def target_argument(spec: ModelSpec) -> str:
    return "classes" if is_classifier(spec) else "num_outputs"


def signature(spec: ModelSpec) -> inspect.Signature:
    return inspect.signature(spec.load_builder())


def docstring(spec: ModelSpec) -> str:
    return inspect.getdoc(spec.load_builder()) or ""


def batch(spec: ModelSpec, model: keras.Model, rows: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Random rows and targets of the shapes that the model takes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, *model.input_shape[1:])).astype("float32")
    outputs = model.output_shape[-1]
    if is_classifier(spec):
        return X, rng.integers(max(outputs, 2), size=rows)
    return X, rng.normal(size=(rows, outputs)).astype("float32")


def trained(spec: ModelSpec) -> keras.Model:
    model = small_model(spec.name)
    model.train_on_batch(*batch(spec, model))
    return model


class Step(NamedTuple):
    """One training step: the model after it, its kernels before, what it reported, and where it was saved."""

    model: keras.Model
    before: list[np.ndarray]
    reported: dict[str, float]
    path: Path


def kernels(model: keras.Model) -> list[np.ndarray]:
    return [weight.numpy() for weight in model.trainable_weights if weight.name == "kernel"]


@pytest.fixture(scope="module")
def step(spec: ModelSpec, tmp_path_factory: pytest.TempPathFactory) -> Step:
    model = small_model(spec.name)
    before = kernels(model)
    reported = model.train_on_batch(*batch(spec, model, rows=32), return_dict=True)
    path = tmp_path_factory.mktemp(spec.name) / "model.keras"
    model.save(path)
    return Step(model, before, reported, path)


def equal(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def _nothing(*_: Any, **__: Any) -> None:
    """In place of a function that allocates."""


def test_builder_bears_the_name_of_the_model(spec: ModelSpec) -> None:
    assert spec.builder.endswith(f":{spec.name}")


def test_defaults_build_a_keras_model_of_that_name(spec: ModelSpec) -> None:
    model = small_model(spec.name)
    assert isinstance(model, keras.Model)
    assert model.name == spec.name


def test_model_is_compiled(spec: ModelSpec) -> None:
    assert small_model(spec.name).compiled


def test_parameters_are_those_counted_by_hand(spec: ModelSpec) -> None:
    assert small_model(spec.name).count_params() == PARAMETERS[spec.name]


@pytest.mark.parametrize("spec", [spec for spec in BUILT_IN if spec.image_size], ids=lambda spec: spec.name)
def test_defaults_fit_a_laptop_at_the_size_at_which_images_are_read(
    spec: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras.optimizers, "Adam", _nothing)  # they would want a variable with a value
    monkeypatch.setattr(keras.optimizers, "SGD", _nothing)
    monkeypatch.setattr(keras.Model, "compile", _nothing)
    # Nothing is allocated: without their initial values, variables are no more than shapes.
    with unallocated():
        model = zoo.create_model(spec.name, input_shape=(*spec.image_size, 3), classes=2)
    assert model.count_params() < MOST_PARAMETERS


def test_output_has_one_column_a_target(spec: ModelSpec) -> None:
    assert small_model(spec.name).output_shape == (None, OUTPUTS.get(spec.name, 1))


def test_last_layer_is_called_output(spec: ModelSpec) -> None:
    assert small_model(spec.name).layers[-1].name == "output"


def test_training_step_gives_a_finite_loss(step: Step) -> None:
    assert np.isfinite(step.reported["loss"])


def test_training_step_moves_every_kernel(step: Step) -> None:
    after = kernels(step.model)
    assert not any(np.array_equal(a, b) for a, b in zip(step.before, after, strict=True))


def test_classifier_reports_accuracy(spec: ModelSpec, step: Step) -> None:
    assert ("accuracy" in step.reported) == is_classifier(spec)


def test_same_seed_gives_the_same_initial_weights(spec: ModelSpec) -> None:
    keras.utils.set_random_seed(7)
    first = small_model(spec.name).get_weights()
    keras.utils.set_random_seed(7)
    assert equal(first, small_model(spec.name).get_weights())


def test_same_seed_gives_the_same_trained_weights(spec: ModelSpec) -> None:
    keras.utils.set_random_seed(7)
    first = trained(spec).get_weights()
    keras.utils.set_random_seed(7)
    assert equal(first, trained(spec).get_weights())


def test_another_input_shape_is_taken(spec: ModelSpec) -> None:
    shape = other_shape(spec.name)
    assert small_model(spec.name, input_shape=shape).input_shape == (None, *shape)


def test_another_number_of_targets_is_taken(spec: ModelSpec) -> None:
    model = small_model(spec.name, **{target_argument(spec): 4})
    assert model.predict_on_batch(batch(spec, model, rows=3)[0]).shape == (3, 4)


def test_another_number_of_targets_trains(spec: ModelSpec) -> None:
    model = small_model(spec.name, **{target_argument(spec): 4})
    assert np.isfinite(model.train_on_batch(*batch(spec, model), return_dict=True)["loss"])


def test_two_classes_share_one_probability(classifier: ModelSpec) -> None:
    model = small_model(classifier.name, classes=2)
    predictions = model.predict_on_batch(batch(classifier, model)[0])
    assert predictions.shape == (8, 2 if classifier.name in TWO_UNITS else 1)
    assert ((predictions >= 0) & (predictions <= 1)).all()


def test_several_classes_have_probabilities_that_sum_to_one(classifier: ModelSpec) -> None:
    model = small_model(classifier.name, classes=3)
    predictions = model.predict_on_batch(batch(classifier, model)[0])
    np.testing.assert_allclose(predictions.sum(axis=1), np.ones(8), rtol=1e-5)


def test_config_round_trip_gives_the_same_config(spec: ModelSpec) -> None:
    model = small_model(spec.name)
    copy = keras.Model.from_config(model.get_config())  # which empties what it is given
    assert copy.get_config() == model.get_config()


def test_saved_file_predicts_the_same_in_plain_keras(spec: ModelSpec, step: Step) -> None:
    X, _ = batch(spec, step.model)
    loaded = keras.saving.load_model(step.path)
    np.testing.assert_array_equal(loaded.predict_on_batch(X), step.model.predict_on_batch(X))


def test_saved_file_trains_on_in_plain_keras(spec: ModelSpec, step: Step) -> None:
    loaded = keras.saving.load_model(step.path)
    keras.utils.set_random_seed(1)
    again = loaded.train_on_batch(*batch(spec, loaded), return_dict=True)
    assert np.isfinite(again["loss"])


def test_saved_file_names_nothing_but_keras(step: Step) -> None:
    with zipfile.ZipFile(step.path) as archive:
        modules = set(found_modules(json.loads(archive.read("config.json"))))
    assert all(re.match(r"keras(\.|$)", module) for module in modules)


def found_modules(config: Any) -> Iterator[str]:
    """The module of every object in a Keras configuration; plain functions and builtins have none."""
    if isinstance(config, dict):
        if config.get("module") not in (None, "builtins"):
            yield config["module"]
        config = list(config.values())
    if isinstance(config, list):
        for item in config:
            yield from found_modules(item)


def test_input_shape_is_the_only_positional_argument(spec: ModelSpec) -> None:
    positional = [p.name for p in signature(spec).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    assert positional == ["input_shape"]


def test_number_of_targets_is_an_argument(spec: ModelSpec) -> None:
    assert target_argument(spec) in signature(spec).parameters


def test_defaults_are_plain_literals(spec: ModelSpec) -> None:
    defaults = {p.name: p.default for p in signature(spec).parameters.values()}
    assert json.dumps(defaults, allow_nan=False)


def test_arguments_are_documented_in_order(spec: ModelSpec) -> None:
    section = docstring(spec).partition("Args:\n")[2].partition("\n\nReturns:")[0]
    assert re.findall(r"^ {4}(\w+):", section, flags=re.MULTILINE) == list(signature(spec).parameters)


@pytest.mark.parametrize("section", ["Args:", "Returns:", "Raises:", "Example:"])
def test_docstring_has_the_section(spec: ModelSpec, section: str) -> None:
    assert re.search(rf"^{section}$", docstring(spec), flags=re.MULTILINE)


def test_docstring_gives_the_reported_figure(spec: ModelSpec) -> None:
    if spec.reported is None:
        pytest.skip("the source gives no figure")
    mean, sd = spec.reported.mean, spec.reported.sd
    figures = {f"{mean:g}", f"{mean:.3f} (SD {sd})", f"{mean:.2%}".replace("%", " %")}
    assert any(figure in docstring(spec).replace("5e-5", "5e-05") for figure in figures)


@pytest.mark.parametrize("bad", [(), (0,), (-1,), (2.5,), (None,), "60", 60], ids=repr)
def test_bad_input_shape_is_refused(spec: ModelSpec, bad: Any) -> None:
    with pytest.raises(ValueError, match=r"`input_shape` must be .* Received: input_shape="):
        small_model(spec.name, input_shape=bad)


@pytest.mark.parametrize("bad", [0, -1, 2.0, True, "3"], ids=repr)
def test_bad_number_of_targets_is_refused(spec: ModelSpec, bad: Any) -> None:
    argument = target_argument(spec)
    with pytest.raises(ValueError, match=rf"`{argument}` must be .* Received: {argument}="):
        small_model(spec.name, **{argument: bad})


@pytest.mark.parametrize("bad", [0, -0.1, float("nan"), float("inf"), "fast"], ids=repr)
def test_bad_learning_rate_is_refused(spec: ModelSpec, bad: Any) -> None:
    with pytest.raises(ValueError, match=r"`learning_rate` must be .* Received: learning_rate="):
        small_model(spec.name, learning_rate=bad)


@pytest.mark.parametrize(
    "rate",
    [1, np.float32(0.25), keras.optimizers.schedules.ExponentialDecay],
    ids=["int", "numpy", "schedule"],
)
def test_learning_rate_reaches_the_optimizer(spec: ModelSpec, rate: float | Callable[..., Any]) -> None:
    if callable(rate):
        rate = rate(0.5, decay_steps=10, decay_rate=0.9)
        assert small_model(spec.name, learning_rate=rate).optimizer._learning_rate is rate
    else:
        assert float(small_model(spec.name, learning_rate=rate).optimizer.learning_rate) == rate
