from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from harness.report.figures._discrimination import (
    GRID,
    area,
    average_precision,
    by_class,
    counts,
    precision_curve,
    roc_curve,
)


@pytest.fixture(params=range(6))
def ranked(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    """Truth and score of some rows, half of the time with many ties."""
    random = np.random.default_rng(request.param)
    truth = random.random(60) < 0.3
    score = random.random(60) + 0.5 * truth
    return truth, np.round(score, 1) if request.param % 2 else score


def test_the_area_is_scikit_learns(ranked) -> None:
    assert area(*ranked) == pytest.approx(metrics.roc_auc_score(*ranked), rel=1e-12)


def test_average_precision_is_scikit_learns(ranked) -> None:
    assert average_precision(*ranked) == pytest.approx(metrics.average_precision_score(*ranked), rel=1e-12)


def test_counts_are_scikit_learns(ranked) -> None:
    hits, misses = counts(*ranked)
    fpr, tpr, _ = metrics.roc_curve(*ranked, drop_intermediate=False)
    np.testing.assert_allclose(hits / hits[-1], tpr[1:])
    np.testing.assert_allclose(misses / misses[-1], fpr[1:])


def test_the_roc_curve_on_the_grid_is_scikit_learns_where_it_is_level(ranked) -> None:
    fpr, tpr, _ = metrics.roc_curve(*ranked, drop_intermediate=False)
    upper = np.array([np.interp(x, *_upper(fpr, tpr)) for x in GRID])
    np.testing.assert_allclose(roc_curve(*ranked), upper)


def test_precision_at_a_recall_is_that_of_the_highest_threshold_reaching_it(ranked) -> None:
    precision, recall, _ = metrics.precision_recall_curve(*ranked)
    expected = [precision[recall >= x - 1e-12][-1] if x else None for x in GRID]
    np.testing.assert_allclose(precision_curve(*ranked)[1:], expected[1:])


def test_a_perfect_ranking_has_area_one() -> None:
    truth = np.array([True, True, False])
    assert area(truth, np.array([0.9, 0.8, 0.1])) == 1.0


def test_a_fold_of_one_class_is_left_out() -> None:
    rows = pd.DataFrame(
        {
            "repeat": 0,
            "fold": [0, 0, 1, 1],
            "init": 0,
            "y_true": ["M", "R", "M", "M"],
            "p[M]": 0.5,
            "p[R]": [0.1, 0.9, 0.2, 0.3],
        }
    )
    (folds,) = by_class(rows, ["M", "R"])
    assert folds.label == "R"
    assert len(folds.truth) == 1


def test_several_classes_are_taken_one_against_the_rest() -> None:
    rows = pd.DataFrame({"repeat": 0, "fold": 0, "init": 0, "y_true": [0, 1, 2]})
    rows = rows.assign(**{f"p[{label}]": [0.2, 0.3, 0.5] for label in (0, 1, 2)})
    assert [folds.label for folds in by_class(rows, [0, 1, 2])] == [0, 1, 2]


def _upper(fpr: np.ndarray, tpr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The highest point above each false positive rate."""
    unique = np.unique(fpr)
    return unique, np.array([tpr[fpr == x].max() for x in unique])
