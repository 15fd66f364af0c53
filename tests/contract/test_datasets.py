"""What every data set of the registry keeps to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.data import Dataset, audit, get_card, list_datasets, load_dataset
from harness.data.registry import datasets_root
from harness.data.sources import CsvSource, RemoteSource

NAMES = list_datasets()
IMAGES = {"oxford_pets", "shapes"}
OFFLINE = [name for name in NAMES if not isinstance(get_card(name).source, RemoteSource)]


@pytest.fixture(scope="module", params=NAMES)
def dataset(request: pytest.FixtureRequest) -> Dataset:
    """Every data set, those that are not shipped from the reference folder."""
    if request.param in OFFLINE:
        return load_dataset(request.param)
    if request.param == "oxford_pets":
        pytest.skip("792 MB")
    return load_dataset(request.param, data_dir=request.getfixturevalue("reference_data"), download=False)


def test_the_registry_holds_what_it_should() -> None:
    assert NAMES == [
        "breast_cancer",
        "diabetes",
        "digits",
        "linear",
        "linnerud",
        "mammography",
        "mnist",
        "multi_output",
        "oxford_pets",
        "pima",
        "shapes",
        "sonar",
    ]


def test_all_but_large_and_withdrawn_sets_load_offline() -> None:
    assert set(NAMES) - set(OFFLINE) == {"mnist", "oxford_pets", "pima"}


@pytest.mark.parametrize("name", NAMES)
def test_the_card_has_the_name_of_its_folder(name: str) -> None:
    assert get_card(name).name == name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "field", ["title", "description", "citation", "licence", "url", "rows", "columns", "traps"]
)
def test_the_card_is_complete(name: str, field: str) -> None:
    if field == "columns" and name in IMAGES:
        pytest.skip("images have no columns")
    assert getattr(get_card(name), field) not in ("", None, (), "not stated")


@pytest.mark.parametrize("name", NAMES)
def test_files_are_pinned_by_their_digest(name: str) -> None:
    source = get_card(name).source
    assert not isinstance(source, CsvSource | RemoteSource) or source.sha256


def test_counts_are_those_of_the_card(dataset: Dataset) -> None:
    card = get_card(dataset.name)
    assert (dataset.n, dataset.target_names) == (card.rows, card.target)
    assert dataset.name in IMAGES or dataset.X.shape[1] == card.columns


def test_classes_are_those_of_the_card(dataset: Dataset) -> None:
    card = get_card(dataset.name)
    assert {str(label): count for label, count in dataset.class_counts.items()} == card.classes
    assert bool(card.classes) == (card.task != "regression")


def test_values_are_finite_floats(dataset: Dataset) -> None:
    assert dataset.X.dtype == (np.float32 if dataset.name in {*IMAGES, "mnist"} else np.float64)
    assert np.isfinite(np.asarray(dataset.X)).all()


def test_targets_suit_the_task(dataset: Dataset) -> None:
    assert dataset.y.dtype.kind == "f" if dataset.task == "regression" else dataset.y.dtype.kind in "iU"
    assert len(dataset.classes) == 2 if dataset.task == "binary" else len(dataset.classes) != 2


def test_names_are_one_a_column(dataset: Dataset) -> None:
    assert len(set(dataset.feature_names)) == (0 if dataset.name in IMAGES else dataset.X.shape[1])


def test_the_smallest_class_fills_the_folds(dataset: Dataset) -> None:
    folds = dataset.card.protocol.folds or 2  # type: ignore[union-attr]
    assert min(dataset.class_counts.values(), default=dataset.n) >= folds


def test_loading_again_gives_the_same_digest(dataset: Dataset, request: pytest.FixtureRequest) -> None:
    options: dict[str, Any] = {}
    if dataset.name not in OFFLINE:
        options["data_dir"] = request.getfixturevalue("reference_data")
    assert load_dataset(dataset.name, **options).sha256 == dataset.sha256


def test_the_audit_runs(dataset: Dataset) -> None:
    assert all(found.message.endswith(".") and found.advice.endswith(".") for found in audit(dataset))


@pytest.mark.parametrize(
    ("name", "scheme", "folds", "repeats", "seed", "headline"),
    [
        ("sonar", "stratified", 10, 1, 7, "accuracy"),
        ("pima", "stratified", 10, 1, 7, "accuracy"),
        ("mammography", "stratified", 10, 1, 1, "accuracy"),
        ("multi_output", "kfold", 10, 3, 1, "mae"),
        ("linear", "kfold", 10, 1, 1, "rmse"),
        ("mnist", "predefined", None, 1, 1, "accuracy"),
        ("oxford_pets", "stratified", 5, 1, 1, "accuracy"),
        ("shapes", "stratified", 5, 1, 1, "accuracy"),
    ],
)
def test_protocols_are_those_of_the_literature(
    name: str, scheme: str, folds: int | None, repeats: int, seed: int, headline: str
) -> None:
    protocol = get_card(name).protocol
    found = (protocol.cv, protocol.folds, protocol.repeats, protocol.seed, protocol.metrics[0])
    assert found == (scheme, folds, repeats, seed, headline)


def test_the_folder_of_data_sets_holds_no_code() -> None:
    """As a package it would hide the `datasets` of others."""
    allowed = {".toml", ".csv", ".gz"}
    files = [path for path in Path(datasets_root()).rglob("*") if path.is_file()]
    assert [path for path in files if path.suffix not in allowed] == []
