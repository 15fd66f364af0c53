"""Whatever a file holds, reading it ends in a data set or in one line of complaint."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.data import Dataset, audit, from_csv
from harness.errors import DataError

CELLS = st.one_of(
    st.sampled_from(["", "?", "NA", "1", "-2.5", "inf", "1e999", "a", "b", "'1'", "007", '"', "True", "9" * 400]),
    st.text(max_size=5),
    st.floats().map(str),
    st.integers().map(str),
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width).map(",".join), max_size=12).map(
        "\n".join
    )
)
CONTENTS = st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode), TABLES.map(str.encode))
TARGETS = st.sampled_from([-1, 0, "y", [0, 1]])
GROUPS = st.sampled_from([None, "duplicates", 1])
TASKS = st.sampled_from([None, "binary", "multiclass", "regression"])


def read(content: bytes, **options: Any) -> Dataset | str:
    """The data set, or the complaint."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        path.write_bytes(content)
        try:
            return from_csv(path, **options)
        except DataError as error:
            return str(error)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=CONTENTS, task=TASKS, target=TARGETS, groups=GROUPS)
def test_any_bytes_give_a_valid_data_set_or_one_line(content: bytes, task: Any, target: Any, groups: Any) -> None:
    data = read(content, task=task, target=target, groups=groups)
    if isinstance(data, str):
        assert "\n" not in data
        return
    assert data.n == len(data.y) > 0
    assert len(data.feature_names) == data.X.shape[1] > 0
    assert data.task == "regression" or len(data.classes) >= 2
    assert data.task != "regression" or np.isfinite(data.y).all()
    assert len(data.sha256) == 64
    assert all("\n" not in found.message for found in audit(data))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from("ab")), min_size=2))
def test_what_was_written_is_read_back(rows: list[tuple[float, str]]) -> None:
    rows = [*rows, (0.0, "a"), (1.0, "b")]
    data = read("".join(f"{value!r},{label}\n" for value, label in rows).encode(), target=-1)
    assert isinstance(data, Dataset)
    assert np.array_equal(data.X[:, 0], [value for value, _ in rows])
    assert data.y.tolist() == [label for _, label in rows]
