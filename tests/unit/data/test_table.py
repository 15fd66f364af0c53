"""Data sets of CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.data import Dataset, from_csv
from harness.errors import DataError

ROWS = "width,colour,kind\n1,red,a\n2,blue,b\n3,red,a\n4,blue,b\n"


def load(folder: Path, content: str, target: Any = -1, **options: Any) -> Dataset:
    path = folder / "rows.csv"
    path.write_text(content, encoding="utf-8")
    return from_csv(path, target, **options)


def cells(data: Dataset, column: str) -> list[Any]:
    assert isinstance(data.X, pd.DataFrame)
    return data.X[column].tolist()


def test_a_table_of_numbers_becomes_a_matrix(tmp_path: Path) -> None:
    data = load(tmp_path, "u,v,kind\n1,2,a\n3,4.5,b\n", "kind")
    assert np.array_equal(data.X, [[1.0, 2.0], [3.0, 4.5]])
    assert data.y.tolist() == ["a", "b"]
    assert (data.name, data.feature_names, data.target_names) == ("rows", ("u", "v"), ("kind",))


def test_a_text_column_is_categorical(tmp_path: Path) -> None:
    data = load(tmp_path, ROWS, "kind")
    assert data.categorical == ("colour",)
    assert cells(data, "colour") == ["red", "blue", "red", "blue"]


@pytest.mark.parametrize("target", ["kind", 2, -1, "2", "-1", ["kind"]])
def test_the_target_is_found_by_name_or_position(tmp_path: Path, target: Any) -> None:
    assert load(tmp_path, ROWS, target).target_names == ("kind",)


def test_without_a_header_columns_are_named_by_position(tmp_path: Path) -> None:
    data = load(tmp_path, "1,2,R\n3,4,M\n", "x2")
    assert (data.feature_names, data.y.tolist()) == (("x0", "x1"), ["R", "M"])


def test_numbers_are_read_to_the_last_bit(tmp_path: Path) -> None:
    text = "0.1000000000000000055511151231257827,2.2250738585072011e-308,a\n9007199254740993,1e22,b\n"
    X = load(tmp_path, text).X
    assert np.array_equal(X, [[0.1, 2.2250738585072011e-308], [9007199254740992.0, 1e22]])


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["0", "1"], [0, 1]),
        (["-1", "+1"], [-1, 1]),
        (["1.0", "2.0"], [1, 2]),
        (["'-1'", "'1'"], ["-1", "1"]),
        (["01", "10"], ["01", "10"]),
        (["yes", "no"], ["yes", "no"]),
        (["True", "False"], ["True", "False"]),
        (["None", "none"], ["None", "none"]),
    ],
)
def test_labels_stay_as_they_are_in_the_file(tmp_path: Path, cells: list[str], labels: list[Any]) -> None:
    data = load(tmp_path, "f,label\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    assert data.y.tolist() == labels


def test_the_task_is_inferred_and_the_reason_noted(tmp_path: Path) -> None:
    data = load(tmp_path, "f,y\n1,0.5\n2,1.5\n")
    assert (data.task, data.notes) == ("regression", ("task regression: the target holds fractions",))


def test_the_task_can_be_given(tmp_path: Path) -> None:
    assert load(tmp_path, "f,y\n1,0\n2,1\n", task="regression").y.dtype == np.float64


def test_several_targets_are_a_regression(tmp_path: Path) -> None:
    data = load(tmp_path, "f,u,v\n1,0,1\n2,1,0\n", ["u", -1])
    assert (data.task, data.target_names, data.y.tolist()) == ("regression", ("u", "v"), [[0, 1], [1, 0]])


@pytest.mark.parametrize("token", ["", "?", "NA", "N/A", "NaN", "nan", "null", "NULL", " "])
def test_missing_features_become_nan(tmp_path: Path, token: str) -> None:
    data = load(tmp_path, f"f,g,y\n1,2,a\n{token},3,b\n")
    assert np.isnan(data.X).tolist() == [[False, False], [True, False]]


def test_missing_categories_become_nan(tmp_path: Path) -> None:
    data = load(tmp_path, ROWS.replace("2,blue", "2,?"), "kind")
    assert [cell != cell for cell in cells(data, "colour")] == [False, True, False, False]


def test_a_group_column_is_no_feature(tmp_path: Path) -> None:
    data = load(tmp_path, ROWS, "kind", groups="colour")
    assert data.feature_names == ("width",)
    assert data.groups.tolist() == ["red", "blue", "red", "blue"]  # type: ignore[union-attr]


def test_a_group_column_can_be_named_by_position(tmp_path: Path) -> None:
    assert load(tmp_path, ROWS, "kind", groups=0).groups.tolist() == ["1", "2", "3", "4"]  # type: ignore[union-attr]


def test_duplicates_can_be_the_groups(tmp_path: Path) -> None:
    data = load(tmp_path, "f,y\n1,a\n2,b\n1,b\n", groups="duplicates")
    assert data.groups.tolist() == [0, 1, 0]  # type: ignore[union-attr]


def column(cells: list[str]) -> str:
    return "f,g,y\n" + "".join(f"{cell},0,{'ab'[i % 2]}\n" for i, cell in enumerate(cells))


def test_nine_numbers_in_ten_make_the_tenth_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="column 'f', line 5: 'x7' is no number, as 9 of 10 cells of the column are"
    ):
        load(tmp_path, column(["1", "2", "3", "x7", "5", "6", "7", "8", "9", "10"]))


def test_eight_numbers_in_ten_make_categories(tmp_path: Path) -> None:
    assert load(tmp_path, column(["1", "2", "3", "x", "y", "6", "7", "8", "9", "10"])).categorical == ("f",)


def test_missing_cells_do_not_count_as_numbers_or_text(tmp_path: Path) -> None:
    assert load(tmp_path, column(["", "", "", "", "", "", "", "", "1", "x"])).categorical == ("f",)


@pytest.mark.parametrize(
    ("content", "target", "options", "message"),
    [
        (ROWS, "knid", {}, "Unknown target column 'knid'. Did you mean 'kind'.* Available: colour, kind, width$"),
        (ROWS, 3, {}, "Unknown target column '3'. Available"),
        ("1,a\n2,b\n", "kind", {}, r"\(line 1 holds a number, so the file has no header\)"),
        (ROWS, [], {}, "no target given; name one of width, colour, kind"),
        (ROWS, ["kind", -1], {}, "a target is named twice in kind, kind"),
        (ROWS, "kind", {"groups": "color"}, "Unknown group column 'color'. Did you mean 'colour'"),
        (ROWS, "kind", {"groups": "kind"}, "column 'kind' cannot be both target and group"),
        ("kind\na\nb\n", "kind", {}, "no feature column is left beside kind; wrong delimiter?"),
        (
            ROWS,
            "kind",
            {"task": "regression"},
            "column 'kind', line 2: 'a' is no number; regression needs numbers",
        ),
        (ROWS.replace("3,red,a", "3,red,?"), "kind", {}, r"column 'kind', line 4: the target is missing \('\?'\)"),
        (
            ROWS.replace("3,red", "3,"),
            "kind",
            {"groups": "colour"},
            "column 'colour', line 4: the group is missing",
        ),
        (ROWS.replace("3,red", "inf,red"), "kind", {}, "column 'width', line 4: 'inf' is infinite; mend the cell"),
        (ROWS.replace("3,red", "1e999,red"), "kind", {}, "column 'width', line 4: '1e999' is infinite"),
        (ROWS.replace("b", "a"), "kind", {}, "every one of the 4 rows has the label 'a'; two are needed"),
        (
            ROWS.replace("3,red,a", "3,red,c"),
            "kind",
            {"task": "binary"},
            "3 classes, 'a', 'b', 'c'; use task='multicl",
        ),
        ("f;y\n1,5;a\n2,5;b\n", "y", {}, "column 'f', line 2: '1,5' has a decimal comma; write decimal points"),
        ("f,y\n1,2\n2,inf\n", "y", {}, "column 'y', line 3: 'inf' is infinite"),
        (ROWS, ["width", "kind"], {}, "column 'kind', line 2: 'a' is no number; regression needs numbers"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, content: str, target: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        load(tmp_path, content, target, **options)
    assert str(caught.value).startswith(str(tmp_path / "rows.csv"))
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_a_target_that_is_mostly_numbers_names_the_odd_cell(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i / 3}\n" for i in range(20))
    with pytest.raises(DataError, match="column 'y', line 22: 'oops' is no number, as 20 of 21 cells"):
        load(tmp_path, f"f,y\n{rows}20,oops\n", "y")


def test_an_unknown_column_among_many_does_not_list_them_all(tmp_path: Path) -> None:
    names = ",".join(f"column_{i}" for i in range(500))
    with pytest.raises(DataError, match="Did you mean 'column_77'") as caught:
        load(tmp_path, names + "\n" + ",".join(["1"] * 500) + "\n", "colum_77")
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("left_out", ["width", 0, "0"])
def test_a_column_can_be_left_out(tmp_path: Path, left_out: Any) -> None:
    data = load(tmp_path, ROWS, "kind", leave_out=[left_out])
    assert data.feature_names == ("colour",)


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        (["colr"], "Unknown left-out column 'colr'. Did you mean 'colour'"),
        (["kind"], "column 'kind' cannot be left out, for it is the target or the group"),
        (["width", "colour"], "no feature column is left beside kind"),
    ],
)
def test_what_cannot_be_left_out_is_said(tmp_path: Path, left_out: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, ROWS, "kind", leave_out=left_out)
