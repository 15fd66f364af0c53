"""Data sets of Parquet files; the same table as a CSV file is the oracle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.data import Dataset, from_csv, from_parquet
from harness.errors import DataError

TABLE = pd.DataFrame(
    {
        "file": ["a.png", "b.png", "c.png", "d.png"],
        "group": [3, 10, 3, 2],
        "label": ["cat", "dog", "cat", "dog"],
        "f0": np.float32([0.1, 1e-8, np.nan, 3]),
        "f1": np.float32([1, 2, 3, 4]),
    }
)
ROLES: dict[str, Any] = {"target": "label", "groups": "group", "leave_out": ["file"]}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    pytest.importorskip("pyarrow")
    TABLE.to_parquet(tmp_path / "features.parquet")
    return tmp_path / "features.parquet"


def as_csv(folder: Path, table: pd.DataFrame, **roles: Any) -> Dataset:
    table.to_csv(folder / "features.csv", index=False)
    return from_csv(folder / "features.csv", **roles)


def test_it_is_the_data_set_of_the_csv_file_but_for_the_precision(written: Path, tmp_path: Path) -> None:
    data, other = from_parquet(written, **ROLES), as_csv(tmp_path, TABLE, **ROLES)
    assert (data.name, data.task, data.feature_names) == (other.name, other.task, ("f0", "f1"))
    assert (data.y.tolist(), data.groups.tolist()) == (other.y.tolist(), other.groups.tolist())
    np.testing.assert_array_equal(data.X, TABLE[["f0", "f1"]].to_numpy())
    np.testing.assert_allclose(data.X, other.X, rtol=1e-7)
    assert data.X.dtype == np.float32


def test_text_is_categorical_and_several_targets_are_numbers(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    table = pd.DataFrame(
        {"colour": ["red", None], "a": [1.5, 2.5], "b": [3, 4], "x": pd.array([1, None], "Int64")}
    )
    table.to_parquet(tmp_path / "t.parquet")
    data = from_parquet(tmp_path / "t.parquet", ["a", "b"])
    assert (data.task, data.categorical, data.target_names) == ("regression", ("colour",), ("a", "b"))
    assert data.y.tolist() == [[1.5, 3], [2.5, 4]]
    assert data.X["x"].isna().tolist() == [False, True]


@pytest.mark.parametrize("groups", ["duplicates", 1])
def test_groups_are_those_of_the_csv_file(written: Path, tmp_path: Path, groups: Any) -> None:
    roles = {**ROLES, "groups": groups}
    assert from_parquet(written, **roles).groups.tolist() == as_csv(tmp_path, TABLE, **roles).groups.tolist()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "features.parquet cannot be read: .*; expected a Parquet file"),
        (b"PAR1 nothing of the kind PAR1", "features.parquet cannot be read: .*; expected a Parquet file"),
        (None, "features.parquet does not exist"),
    ],
)
def test_what_is_no_parquet_file_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    pytest.importorskip("pyarrow")
    if content is not None:
        (tmp_path / "features.parquet").write_bytes(content)
    with pytest.raises(DataError, match=message) as refused:
        from_parquet(tmp_path / "features.parquet", "label")
    assert "\n" not in str(refused.value)


def test_a_table_that_would_fill_the_memory_is_refused(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.data.parquet._MOST_CELLS", 19)
    with pytest.raises(DataError, match="claims to hold 4 rows × 5; expected 19 cells at most"):
        from_parquet(written, "label")


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        DataError, match=r"without pyarrow; pip install 'keras-zoo-harness\[parquet\]', or pass a .csv"
    ):
        from_parquet(tmp_path / "features.parquet", "label")
