"""Parameter recovery on the line that the data were made from."""

from __future__ import annotations

import pytest

import harness


@pytest.fixture(scope="module")
def run() -> harness.Run:
    return harness.evaluate("linear_regression", checkpoint="both", inner_val=0.1, store=None)


def test_weights_and_bias_are_recovered_to_a_hundredth(run: harness.Run) -> None:
    table = harness.parameter_recovery(run)
    assert len(table) == 10 * 3
    assert table["error"].abs().max() < 1e-2


def test_best_and_last_checkpoints_are_kept(run: harness.Run) -> None:
    assert {"best.keras", "last.keras"} <= set(run.artifacts())


def test_error_is_near_the_noise(run: harness.Run) -> None:
    assert 0.008 < run.summary().loc["rmse", "mean"] < 0.013


def test_a_data_set_without_known_parameters_is_refused() -> None:
    run = harness.evaluate("sonar_baseline", folds=2, epochs=1, store=None)
    with pytest.raises(harness.UsageError, match="card of 'sonar' does not say"):
        harness.parameter_recovery(run)
