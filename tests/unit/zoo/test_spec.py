"""A malformed spec is refused where it is written, not where it is used."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle
from typing import Any

import pytest

from zoo import ModelLoadError, ModelSpec, Reported
from zoo._table import BUILT_IN

FIELDS: dict[str, Any] = {
    "name": "tiny",
    "builder": "json:dumps",
    "dataset": "sonar",
    "tasks": ("binary",),
    "epochs": 10,
    "batch_size": 16,
    "description": "A tiny net.",
    "source": "Own work",
}
FIGURE: dict[str, Any] = {
    "metric": "accuracy",
    "mean": 0.9,
    "sd": 0.1,
    "protocol": "StratifiedKFold(10)",
    "source": "An article",
}


def spec(**changes: Any) -> ModelSpec:
    return ModelSpec(**{**FIELDS, **changes})


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("name", ""),
        ("name", "Sonar"),
        ("name", "sonar-dropout"),
        ("name", "2fast"),
        ("name", "net\n"),
        ("name", None),
        ("builder", "zoo.sonar"),
        ("builder", "zoo.sonar:"),
        ("builder", "zoo/sonar.py:net"),
        ("builder", print),
        ("dataset", ""),
        ("dataset", "data/sonar"),
        ("tasks", ()),
        ("tasks", ("clustering",)),
        ("tasks", "binary"),
        ("tasks", ["binary"]),
        ("epochs", 0),
        ("epochs", 1.5),
        ("epochs", True),
        ("image_size", (224,)),
        ("image_size", [224, 224]),
        ("early_stopping", 0),
        ("early_stopping", "geometrical"),
        ("early_stopping", True),
        ("batch_size", -1),
        ("batch_size", None),
        ("description", " "),
        ("description", "two\nlines"),
        ("source", ""),
        ("preprocessing", "standardize"),
        ("preprocessing", ("",)),
        ("preprocessing", (None,)),
    ],
)
def test_bad_field_is_named(field: str, bad: Any) -> None:
    with pytest.raises(ValueError, match=rf"^`{field}` must be .* Received: {field}="):
        spec(**{field: bad})


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("metric", ""),
        ("protocol", ""),
        ("source", "two\nlines"),
        ("mean", math.nan),
        ("mean", math.inf),
        ("sd", -0.1),
        ("sd", math.nan),
        ("sd", math.inf),
    ],
)
def test_bad_figure_is_named(field: str, bad: Any) -> None:
    with pytest.raises(ValueError, match=rf"^`{field}` must be .* Received: {field}="):
        Reported(**{**FIGURE, field: bad})


def test_figure_without_sd_is_taken() -> None:
    assert Reported(**{**FIGURE, "sd": None}).sd is None


def test_spec_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec().epochs = 1  # type: ignore[misc]


def test_arguments_are_a_copy() -> None:
    arguments = {"rate": 0.5}
    variant = spec(arguments=arguments)
    arguments["rate"] = 0.9
    assert variant.arguments == {"rate": 0.5}


def test_spec_is_hashable() -> None:
    assert len({spec(arguments={"units": [1]}), spec(arguments={"units": [1]})}) == 1


def test_specs_with_other_arguments_differ() -> None:
    assert spec(arguments={"rate": 0.1}) != spec(arguments={"rate": 0.2})


@pytest.mark.parametrize("built_in", BUILT_IN, ids=lambda built_in: built_in.name)
def test_spec_travels_to_another_process(built_in: ModelSpec) -> None:
    assert pickle.loads(pickle.dumps(built_in)) == built_in


@pytest.mark.parametrize("built_in", BUILT_IN, ids=lambda built_in: built_in.name)
def test_spec_becomes_json(built_in: ModelSpec) -> None:
    assert json.dumps(dataclasses.asdict(built_in), allow_nan=False)


def test_builder_is_imported_by_name() -> None:
    assert spec(builder="json:dumps").load_builder() is json.dumps


@pytest.mark.parametrize("builder", ["no_such_package_here:net", "json:no_such_function", "json:__name__"])
def test_missing_builder_names_itself_and_its_model(builder: str) -> None:
    with pytest.raises(ModelLoadError, match=f"'{builder}' of model 'tiny'"):
        spec(builder=builder).load_builder()


def test_built_in_models_are_in_alphabetical_order() -> None:
    names = [built_in.name for built_in in BUILT_IN]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("name", "dataset", "epochs", "batch_size", "preprocessing"),
    [
        ("linear_regression", "linear", 3, 10, ()),
        ("mammography_mlp", "mammography", 300, 32, ()),
        ("mnist_softmax", "digits", 1000, 600, ()),
        ("multi_output_mlp", "multi_output", 100, 32, ()),
        ("pets_cnn", "shapes", 60, 10, ("mean_image",)),
        ("pima_mlp", "pima", 150, 10, ()),
        ("sonar_baseline", "sonar", 300, 16, ("standardize",)),
        ("sonar_dropout", "sonar", 300, 16, ("standardize",)),
        ("sonar_dropout_hidden", "sonar", 300, 16, ("standardize",)),
        ("vgg19_transfer", "shapes", 50, 16, ()),
    ],
)
def test_recipe_is_the_one_written_down(
    name: str, dataset: str, epochs: int, batch_size: int, preprocessing: tuple[str, ...]
) -> None:
    recipe = next(built_in for built_in in BUILT_IN if built_in.name == name)
    assert (recipe.dataset, recipe.epochs, recipe.batch_size, recipe.preprocessing) == (
        dataset,
        epochs,
        batch_size,
        preprocessing,
    )


def test_models_of_images_stop_early_and_those_of_tables_do_not() -> None:
    stopping = {spec.name: spec.early_stopping for spec in BUILT_IN if spec.early_stopping is not None}
    assert stopping == {"mnist_softmax": "geometric-error", "pets_cnn": 10, "vgg19_transfer": 10}


@pytest.mark.parametrize(
    ("name", "metric", "mean", "sd"),
    [
        ("linear_regression", "loss", 5e-5, None),
        ("mammography_mlp", "accuracy", 0.987, 0.002),
        ("mnist_softmax", "zero_one_loss", 0.0749, None),
        ("multi_output_mlp", "mae", 8.184, 1.032),
        ("pets_cnn", "accuracy", 0.9, None),
        ("pima_mlp", "accuracy", 0.6468, 0.1550),
        ("sonar_baseline", "accuracy", 0.8604, 0.0458),
        ("sonar_dropout", "accuracy", 0.8352, 0.0768),
        ("sonar_dropout_hidden", "accuracy", 0.8359, 0.0731),
    ],
)
def test_reported_figure_is_that_of_the_source(name: str, metric: str, mean: float, sd: float | None) -> None:
    reported = next(built_in.reported for built_in in BUILT_IN if built_in.name == name)
    assert reported is not None
    assert (reported.metric, reported.mean, reported.sd) == (metric, mean, sd)


@pytest.mark.parametrize(
    ("name", "size"), [("pets_cnn", (224, 224)), ("vgg19_transfer", (256, 256)), ("pima_mlp", None)]
)
def test_images_are_read_at_the_size_of_the_source(name: str, size: tuple[int, int] | None) -> None:
    assert next(built_in.image_size for built_in in BUILT_IN if built_in.name == name) == size


def test_mammography_has_the_hold_out_figure_too() -> None:
    (also,) = next(built_in.also_reported for built_in in BUILT_IN if built_in.name == "mammography_mlp")
    assert (also.mean, also.sd) == (0.988, None)
