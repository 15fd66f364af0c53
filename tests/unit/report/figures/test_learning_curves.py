from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.report.figures.learning_curves import learning_curves


def history(**values: Any) -> pd.DataFrame:
    """What two folds logged; each metric is given as (folds, epochs) numbers."""
    rows = [
        {"repeat": 0, "fold": fold, "init": 0, "epoch": epoch, "metric": metric, "value": value}
        for metric, folds in values.items()
        for fold, epochs in enumerate(folds)
        for epoch, value in enumerate(epochs)
    ]
    return pd.DataFrame(rows)


def test_the_band_does_not_leave_what_was_seen() -> None:
    accuracy = [[0.5, 0.9, 1.0], [0.5, 1.0, 1.0], [0.5, 1.0, 1.0]]
    axes = learning_curves(history(loss=[[1.0, 0.5, 0.4]] * 3, accuracy=accuracy)).axes[1]
    (band,) = axes.collections
    edges = band.get_paths()[0].vertices[:, 1]
    assert (edges.min(), edges.max()) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("losses", "scale"),
    [([1.0, 0.5, 0.1], "linear"), ([300.0, 20.0, 0.5], "log"), ([300.0, 20.0, 0.0], "log"),
     ([-9.0, 1.0], "linear"), ([0.0, 0.0], "linear"), ([np.nan, np.nan], "linear")],
)  # fmt: skip
def test_a_loss_that_falls_to_a_hundredth_is_drawn_on_a_logarithmic_axis(losses: list[float], scale: str) -> None:
    (axes,) = learning_curves(history(loss=[losses, losses])).axes
    assert axes.get_yscale() == scale
    if scale == "log":
        low, high = axes.get_ylim()
        assert 0 < low <= 0.5 * max(losses[-1], 1e-6 * losses[0])
        assert high >= losses[0]
