"""Data sets of what is already in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.data import Dataset, from_arrays
from harness.errors import DataError, UnknownNameError

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 0, 1, 0, 1])
FRAME = pd.DataFrame({"size": X[:, 0], "colour": list("rgbrgb"), "patient": [1, 1, 2, 2, 3, 3]})


def column(data: Dataset, name: str) -> list[Any]:
    assert isinstance(data.X, pd.DataFrame)
    return data.X[name].tolist()


def test_plain_arrays_get_names_and_a_task() -> None:
    data = from_arrays(X, Y)
    assert (data.name, data.task, data.feature_names, data.target_names) == (
        "data",
        "binary",
        ("x0", "x1"),
        ("y",),
    )


def test_the_note_says_how_the_task_was_decided() -> None:
    assert from_arrays(X, Y).notes == ("task binary: the target has 2 distinct whole numbers",)


def test_a_given_task_needs_no_note() -> None:
    assert from_arrays(X, Y, task="regression").notes == ()


def test_a_given_task_wins_over_the_rule() -> None:
    data = from_arrays(X, Y, task="regression")
    assert (data.task, str(data.y.dtype)) == ("regression", "float64")


def test_lists_will_do() -> None:
    assert from_arrays([[1, 2], [3, 4]], ["no", "yes"]).X.dtype == np.float64


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("uint8", "float32"),
        ("float16", "float32"),
        ("float32", "float32"),
        ("int64", "float64"),
        ("bool", "float32"),
    ],
)
def test_numbers_are_kept_exactly_in_the_smaller_float(given: str, kept: str) -> None:
    assert from_arrays(X.astype(given), Y).X.dtype == kept


def test_later_changes_of_the_callers_arrays_do_not_reach_the_data() -> None:
    own_X, own_y = X.copy(), Y.copy()
    data = from_arrays(own_X, own_y)
    own_X[:], own_y[:] = -1, 0
    assert (data.X == X).all()
    assert (data.y == Y).all()


@pytest.mark.parametrize("part", ["X", "y"])
def test_the_data_are_read_only_since_their_digest_is_cached(part: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        getattr(from_arrays(X, Y), part)[0] = 1


def test_a_numeric_frame_becomes_a_matrix_with_names() -> None:
    data = from_arrays(FRAME[["size", "patient"]], Y)
    assert isinstance(data.X, np.ndarray)
    assert data.feature_names == ("size", "patient")


def test_text_columns_keep_the_frame() -> None:
    data = from_arrays(FRAME, Y)
    assert data.categorical == ("colour",)
    assert isinstance(data.X, pd.DataFrame)
    assert [str(dtype) for dtype in data.X.dtypes] == ["float64", "object", "float64"]


@pytest.mark.parametrize("dtype", ["category", "string", "object", "str"])
def test_every_kind_of_text_column_is_categorical(dtype: str) -> None:
    data = from_arrays(FRAME.astype({"colour": dtype}), Y)
    assert column(data, "colour") == list("rgbrgb")


def test_numbers_declared_categorical_stay_categories() -> None:
    data = from_arrays(FRAME.astype({"patient": "category"}), Y)
    assert column(data, "patient") == list("112233")


@pytest.mark.parametrize("cells", [[1, None, 3, 4, 5, 6], [1.5, None, 3, 4, 5, 6], [True, None] * 3, [None] * 6])
def test_objects_that_are_numbers_become_numbers(cells: list[Any]) -> None:
    data = from_arrays(pd.DataFrame({"c": pd.Series(cells, dtype=object), "size": X[:, 0]}), Y)
    assert data.categorical == ()
    assert np.isnan(data.X[1, 0])


def test_nullable_integers_keep_their_missing_values() -> None:
    frame = pd.DataFrame({"c": pd.Series([1, None, 3, 4, 5, 6], dtype="Int64")})
    assert np.isnan(from_arrays(frame, Y).X[:, 0]).tolist() == [False, True] + [False] * 4


def test_missing_categories_are_nan() -> None:
    frame = FRAME.assign(colour=pd.Series(["r", None, "b", "r", "g", "b"]))
    assert [cell != cell for cell in column(from_arrays(frame, Y), "colour")] == [False, True] + [False] * 4


def test_several_targets_are_a_regression() -> None:
    data = from_arrays(X, pd.DataFrame({"u": Y, "v": Y}))
    assert (data.task, data.target_names, data.y.shape) == ("regression", ("u", "v"), (6, 2))


def test_several_unnamed_targets_are_numbered() -> None:
    assert from_arrays(X, np.eye(6, 3)).target_names == ("y0", "y1", "y2")


def test_a_series_names_its_target() -> None:
    assert from_arrays(X, pd.Series(Y, name="sick")).target_names == ("sick",)


def test_groups_are_taken_as_given() -> None:
    assert from_arrays(X, Y, groups=list("aabbcc")).groups.tolist() == list("aabbcc")  # type: ignore[union-attr]


def test_later_changes_of_the_callers_groups_do_not_reach_the_data() -> None:
    own = np.array([1, 1, 2, 2, 3, 3])
    data = from_arrays(X, Y, groups=own)
    own[:] = 0
    assert data.groups.tolist() == [1, 1, 2, 2, 3, 3]  # type: ignore[union-attr]


def test_a_group_column_is_no_feature() -> None:
    data = from_arrays(FRAME, Y, groups="patient")
    assert data.feature_names == ("size", "colour")
    assert data.groups.tolist() == [1, 1, 2, 2, 3, 3]  # type: ignore[union-attr]


def test_duplicates_can_be_the_groups() -> None:
    assert from_arrays(X // 4, Y, groups="duplicates").groups.tolist() == [0, 0, 1, 1, 2, 2]  # type: ignore[union-attr]


def test_an_unknown_task_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="Available: binary, multiclass, regression"):
        from_arrays(X, Y, task="classification")  # type: ignore[arg-type]


class Sparse:
    shape = (6, 2)

    def toarray(self) -> Any:
        return X


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X[:, 0], Y), r"X has shape \(6,\); expected \(n, …\): one feature as X.reshape\(-1, 1\)"),
        ((X[:0], Y[:0]), r"X has shape \(0, 2\); there must be at least one row and one feature"),
        ((X[:, :0], Y), r"X has shape \(6, 0\)"),
        ((FRAME.iloc[:0], Y[:0]), r"X has shape \(0, 3\)"),
        ((X[:5], Y), "X has 5 rows, y has 6; they must be equally many"),
        ((X * 1j, Y), "X has dtype complex128; expected real numbers"),
        (
            (X.astype(object), Y),
            "X has dtype object; expected real numbers; pass text columns in a pandas DataFrame",
        ),
        ((X.astype(str), Y), "expected real numbers; pass text columns in a pandas DataFrame"),
        (([[1], [1, 2]], [0, 1]), "X is no array"),
        ((np.where(X == 5, np.inf, X), Y), r"X is infinite at row 2, column 1 \(counted from 0\)"),
        ((FRAME.assign(size=np.inf), Y), "X is infinite at row 0, column 0"),
        ((Sparse(), Y), r"X is a sparse matrix; pass X.toarray\(\)"),
        ((FRAME.set_axis(["a", "b", "a"], axis=1), Y), "X has 2 columns named 'a'; names must differ"),
        ((FRAME.assign(when=pd.Timestamp("2020-01-01")), Y), "column 'when' has dtype datetime64"),
        ((FRAME.assign(odd=[1, "x", 2, 3, 4, 5]), Y), "column 'odd' holds values of types int, str"),
        ((FRAME.assign(odd=pd.Series([[1]] * 6)), Y), "column 'odd' holds values of types list"),
    ],
)
def test_features_that_cannot_be_used_are_refused(arguments: tuple[Any, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        from_arrays(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": [1, 2]}, r"groups has shape \(2,\); expected \(6,\)"),
        ({"groups": [1, 2, 3, None, 5, 6]}, r"the group of row 3 \(counted from 0\) is missing"),
        ({"groups": "patent"}, "Unknown group column 'patent'. Did you mean 'patient'"),
        ({"feature_names": ["a"]}, "1 feature names for 3 features"),
        ({"target_names": ["a", "b"]}, "2 target names for 1 targets"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        from_arrays(FRAME, Y, **options)


def test_equal_rows_in_another_order_are_refused() -> None:
    with pytest.raises(DataError, match=r"pass y.loc\[X.index\]"):
        from_arrays(FRAME, pd.Series(Y)[::-1])


def test_an_index_of_its_own_is_fine() -> None:
    assert from_arrays(FRAME, pd.Series(Y, index=range(100, 106))).n == 6


def test_messages_use_the_name() -> None:
    with pytest.raises(DataError, match=r"^hens: "):
        from_arrays(X, Y[:5], name="hens")


def test_every_message_is_one_line() -> None:
    with pytest.raises(DataError) as caught:
        from_arrays(FRAME, ["two\nlines"] * 6)
    assert "\n" not in str(caught.value)
