"""What a comparison says beside its numbers, and how it says that models agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from harness.comparison import Comparison, Evidence, compare, compare_evidence
from harness.comparison.tables import pair_table
from harness.run import Run
from harness.statistics.cautions import APPROXIMATE, NOT_EQUIVALENT, TUNED

MakeRun = Callable[..., Run]
CLOSE = ([0.80, 0.90, 0.70, 0.80], [0.801, 0.899, 0.702, 0.799], [0.799, 0.901, 0.701, 0.80])


def compared(*scores: Sequence[float], **settings: object) -> Comparison:
    evidence = [Evidence(f"m{i}", f"r{i}", "d", 300, np.array([each]), 1 / 3) for i, each in enumerate(scores)]
    return compare_evidence(evidence, metric="accuracy", **settings)  # type: ignore[arg-type]


def test_models_that_agree_are_said_to_agree() -> None:
    verdict = compared([0.8, 0.9, 0.7], [0.8, 0.9, 0.7]).verdict

    assert verdict == "On d, accuracy does not tell m0 (0.800) and m1 (0.800) apart: they agree on every fold."


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        (([0.8], [0.8]), "they agree on the only fold"),
        (([0.8], [0.7]), "the only fold differs by 0.100"),
        (([0.8, 0.9], [0.7, 0.8]), "every fold differs by 0.100"),
    ],
)
def test_folds_without_spread_are_told_by_their_number(scores: tuple[list[float], ...], words: str) -> None:
    assert words in compared(*scores).verdict


def test_a_single_fold_is_no_reason_to_speak_of_every_fold(make_run: MakeRun) -> None:
    assert "No test for m0 and m1: one fold has no spread." in compared([0.8], [0.7]).warnings


def test_not_significant_needs_no_reminder_where_equivalence_was_shown() -> None:
    assert NOT_EQUIVALENT in compared(*CLOSE[:2]).warnings
    assert NOT_EQUIVALENT in compared(*CLOSE[:2], rope=0.0001).warnings
    assert NOT_EQUIVALENT not in compared(*CLOSE[:2], rope=0.05).warnings
    assert NOT_EQUIVALENT not in compared(*CLOSE, rope=0.05).warnings


def test_verdict_of_many_names_the_equivalent_pairs() -> None:
    poor = [0.5, 0.62, 0.41, 0.5]
    verdict = compared(*CLOSE, poor, rope=0.05).verdict

    listed = "m1 and m2, m1 and m0, m2 and m0"
    assert f"; practically equivalent, within ±0.05: {listed} (at 5%" in verdict
    assert "equivalent" not in compared(*CLOSE, poor, rope=0.0001).verdict


def test_verdict_against_a_baseline_names_the_equivalent_pairs() -> None:
    verdict = compared(*CLOSE, rope=0.05, baseline="m0").verdict

    assert "; practically equivalent, within ±0.05: m1 and m0, m2 and m0 (at 5%" in verdict


def test_many_equivalent_pairs_are_counted() -> None:
    scores = [np.add(CLOSE[i % 3], 0.0001 * i).tolist() for i in range(5)]

    assert ", 4 more pairs (at 5%" in compared(*scores, rope=0.05).verdict


def test_the_table_states_how_wide_the_rope_is() -> None:
    assert "P(rope ±0.05)" in pair_table(compared(*CLOSE, rope=0.05)).columns


@pytest.mark.parametrize(
    ("first", "second", "tuned"),
    [
        ({"arguments": {"rate": "0.2"}}, {"arguments": {"rate": "0.5"}}, True),
        ({"identity": {"epochs": 10}}, {"identity": {"epochs": 20}}, True),
        ({"identity": {"early_stopping": None}}, {"identity": {"early_stopping": 10}}, True),
        ({"identity": {"engine": "fit"}}, {"identity": {"engine": "vectorized"}}, False),
        ({"model": "net", "arguments": {"rate": "0.2"}}, {"model": "other", "arguments": {"rate": "0.5"}}, False),
        ({"model": "<lambda>", "arguments": {"rate": "0.2"}}, {"model": "<lambda>"}, False),
    ],
)
def test_variants_of_one_model_are_chosen_on_these_folds(
    make_run: MakeRun, first: dict[str, object], second: dict[str, object], tuned: bool
) -> None:
    runs = [make_run(**settings) for settings in (first, second)]

    assert (TUNED in compare(runs).warnings) is tuned


def test_variants_on_several_data_sets_are_one_model_on_each(make_run: MakeRun) -> None:
    runs = [
        make_run(model, dataset=data, data=data, arguments={"rate": rate})
        for data, rate in (("d0", "0.2"), ("d1", "0.5"))
        for model in ("a", "b")
    ]

    assert TUNED not in compare(runs).warnings


def test_predictions_of_one_class_are_warned_of(make_run: MakeRun) -> None:
    def all_negative(right: np.ndarray, truth: np.ndarray) -> np.ndarray:
        return np.zeros_like(truth)

    runs = [make_run("a"), make_run("b", predict=all_negative)]

    assert "b predicts one class on 5 of 5 folds of rows." in compare(runs).warnings


def test_cautions_are_of_test_and_training_parts() -> None:
    half = [
        Evidence(f"m{i}", f"r{i}", "d", 1000, np.array([[0.8, 0.9 - i / 10]]), 1.0, smallest_class=60)
        for i in range(2)
    ]
    tenth = [
        Evidence(f"m{i}", f"r{i}", "d", 1000, np.array([[0.8, 0.9 - i / 10]]), 0.2, None, 60, 500.0, 100.0)
        for i in range(2)
    ]
    halves, tenths = (compare_evidence(each, metric="accuracy").warnings for each in (half, tenth))

    assert APPROXIMATE not in halves
    assert APPROXIMATE in tenths
    assert halves[-1] == tenths[-1] == "Describes the training procedure at 500 examples, not the saved model."
