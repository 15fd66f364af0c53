"""Loading by name or folder, held against the card."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest

from harness.data import load_dataset
from harness.errors import DataError

CARD = """
name = "toy"
task = "binary"
target = "kind"
rows = 4
columns = 2
classes = { a = 2, b = 2 }
source = { kind = "csv", file = "toy.csv" }
"""
ROWS = "u,patient,kind\n1,7,a\n2,7,b\n3,8,a\n4,8,b\n"


def folder(path: Path, card: str = CARD, rows: str = ROWS) -> Path:
    (path / "dataset.toml").write_text(card)
    (path / "toy.csv").write_text(rows)
    return path


def test_a_folder_of_the_users_own_loads(tmp_path: Path) -> None:
    data = load_dataset(folder(tmp_path))
    assert (data.name, data.n, data.card.task) == ("toy", 4, "binary")  # type: ignore[union-attr]


def test_the_protocol_can_name_a_group_column(tmp_path: Path) -> None:
    card = CARD.replace("columns = 2", "columns = 1") + '[protocol]\ncv = "group"\nfolds = 2\ngroups = "patient"\n'
    data = load_dataset(folder(tmp_path, card))
    assert data.groups.tolist() == ["7", "7", "8", "8"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rows = 4", "rows = 5", "field 'rows' says 5, but the data have 4"),
        ("columns = 2", "columns = 3", "field 'columns' says 3, but the data have 2"),
        ("b = 2", "b = 3", "field 'classes' says {'a': 2, 'b': 3}, but the data have {'a': 2, 'b': 2}"),
        ("rows", 'features = ["u", "v"]\nrows', "field 'features' says"),
        ('"toy.csv"', '"none.csv"', "none.csv does not exist"),
        ('"kind"', '"sort"', "Unknown target column 'sort'"),
        ('"toy.csv"', '"toy.csv", sha256 = "' + "0" * 64 + '"', "toy.csv is not the file its card describes"),
    ],
)
def test_data_that_differ_from_the_card_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_dataset(folder(tmp_path, CARD.replace(old, new, 1)))


def test_a_file_of_the_right_digest_is_accepted(tmp_path: Path) -> None:
    digest = hashlib.sha256(ROWS.encode()).hexdigest()
    card = CARD.replace('"toy.csv"', f'"toy.csv", sha256 = "{digest}"')
    assert load_dataset(folder(tmp_path, card)).n == 4


def test_a_generator_card_of_the_users_own_loads(tmp_path: Path) -> None:
    card = (
        'name = "line"\ntask = "regression"\ntarget = "height"\nfeatures = ["age"]\n[source]\nkind = "generator"\n'
    )
    card += 'generator = "linear"\narguments = { n_samples = 7, weights = [1.0] }\n'
    (tmp_path / "dataset.toml").write_text(card)
    data = load_dataset(tmp_path)
    assert (data.n, data.feature_names, data.target_names) == (7, ("age",), ("height",))


def test_wrong_arguments_of_a_generator_name_the_card(tmp_path: Path) -> None:
    card = 'name = "line"\ntask = "regression"\ntarget = "y"\n[source]\nkind = "generator"\ngenerator = "linear"\n'
    (tmp_path / "dataset.toml").write_text(card + "arguments = { slope = 1 }\n")
    with pytest.raises(
        DataError, match=r"dataset.toml: field 'source.arguments' does not suit the generator linear"
    ):
        load_dataset(tmp_path)


@pytest.mark.parametrize("name", ["sonar", "mammography"])
def test_shipped_values_and_labels_equal_the_reference(reference_data: Path, name: str) -> None:
    with (reference_data / f"{name}.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    data = load_dataset(name)
    assert np.array_equal(data.X, [[float(cell) for cell in row[:-1]] for row in rows])
    assert data.y.tolist() == [row[-1].strip("'") for row in rows]


def test_mammography_labels_are_text() -> None:
    assert load_dataset("mammography").classes == ("-1", "1")


def test_the_truth_behind_the_line_can_be_read_from_its_card() -> None:
    arguments = load_dataset("linear").card.source.arguments  # type: ignore[union-attr]
    assert (arguments["weights"], arguments["bias"]) == ([2.0, -3.4], 4.2)
