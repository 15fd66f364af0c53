"""Comparisons of fold scores that were drawn and not trained for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.comparison import Comparison, Evidence, compare_evidence
from harness.statistics.cautions import NOT_EQUIVALENT

FOLDS, REPEATS = 5, 10


def drawn(rng: np.random.Generator, *, folds: int = FOLDS, repeats: int = REPEATS) -> NDArray[np.float64]:
    """Scores of one model whose folds share training rows: any two correlate by 1/k."""
    own, shared = rng.normal(size=(repeats, folds)), rng.normal()
    return 0.8 + 0.05 * (np.sqrt(1 / folds) * shared + np.sqrt(1 - 1 / folds) * own)


def evidence(scores: Sequence[NDArray[np.float64]], dataset: str = "d", n: int = 300) -> list[Evidence]:
    ratio = 1 / (np.shape(scores[0])[1] - 1)
    return [Evidence(f"m{i}", f"r{i}", dataset, n, np.asarray(each), ratio) for i, each in enumerate(scores)]


def compared(*scores: Sequence[float], **settings: object) -> Comparison:
    return compare_evidence(evidence([np.array([each]) for each in scores]), metric="accuracy", **settings)  # type: ignore[arg-type]


def _is_indistinguishable(scores: list[Evidence]) -> bool:
    """Whether the verdict tells no model from the best."""
    comparison = compare_evidence(scores, metric="accuracy")
    verdict = comparison.verdict
    named = "apart" if len(scores) == 2 else f"and {comparison.contenders[-1]}"
    silent = named in verdict and "better" not in verdict and "worse" not in verdict
    assert silent == (len(comparison.contenders) == len(scores))
    return silent


@pytest.mark.parametrize("models", [2, 4])
def test_equal_models_are_called_indistinguishable(models: int) -> None:
    rng = np.random.default_rng(6)
    comparisons = 1500
    alike = [_is_indistinguishable(evidence([drawn(rng) for _ in range(models)])) for _ in range(comparisons)]

    assert sum(alike) >= 0.94 * comparisons


def test_unequal_models_are_told_apart() -> None:
    rng = np.random.default_rng(7)
    found = [
        len(compare_evidence(evidence([drawn(rng), drawn(rng) - 0.15]), metric="accuracy").contenders) == 1
        for _ in range(50)
    ]

    assert sum(found) >= 45


@pytest.mark.parametrize(("minimize", "best"), [(False, "m0"), (True, "m1")])
def test_best_follows_the_direction_of_the_metric(minimize: bool, best: str) -> None:
    assert compared([0.9, 0.8, 0.85], [0.5, 0.45, 0.55], minimize=minimize).best == best


@pytest.mark.parametrize(("minimize", "counts"), [(False, (1, 1, 2)), (True, (2, 1, 1))])
def test_wins_follow_the_direction_of_the_metric(minimize: bool, counts: tuple[int, ...]) -> None:
    pair = compared([0.9, 0.5, 0.5, 0.5], [0.8, 0.5, 0.6, 0.7], minimize=minimize).all_pairs[0]

    assert (pair.wins, pair.ties, pair.losses) == counts


@pytest.mark.parametrize("minimize", [False, True])
def test_rope_probabilities_say_worse_first(minimize: bool) -> None:
    higher, lower = [0.9, 0.91, 0.92, 0.9], [0.5, 0.52, 0.51, 0.5]
    pair = compared(higher, lower, rope=0.05, minimize=minimize).all_pairs[0]

    assert pair.rope is not None
    assert pair.rope[0 if minimize else 2] > 0.99


def test_turned_pair_is_the_comparison_the_other_way_round() -> None:
    first, second = [0.9, 0.8, 0.85], [0.7, 0.82, 0.8]
    pair, turned = (compared(*both, rope=0.01).all_pairs[0] for both in ((first, second), (second, first)))
    back = turned.turned()

    assert (back.difference, back.p, back.wins) == pytest.approx((pair.difference, pair.p, pair.wins))
    assert back.interval is not None
    assert pair.interval is not None
    assert (back.interval.low, back.interval.high) == pytest.approx((pair.interval.low, pair.interval.high))
    assert back.rope == pytest.approx(pair.rope)


@pytest.mark.parametrize("minimize", [False, True])
def test_the_better_model_of_a_pair_is_named_first(minimize: bool) -> None:
    comparison = compared([0.5, 0.52, 0.51], [0.9, 0.91, 0.92], [0.7, 0.72, 0.7], minimize=minimize)
    order = ("m0", "m2", "m1") if minimize else ("m1", "m2", "m0")

    assert comparison.ordered == order
    assert [(pair.first, pair.second) for pair in comparison.results] == list(combinations(order, 2))


def test_models_that_differ_alike_on_every_fold_are_not_tested() -> None:
    comparison = compared([0.9, 0.8, 0.7], [0.8, 0.7, 0.6])

    assert (comparison.results[0].p, comparison.contenders) == (None, ("m0", "m1"))
    assert any(warning.startswith("No test for m0 and m1") for warning in comparison.warnings)


def test_untested_pairs_still_count_in_the_family() -> None:
    comparison = compared([0.9, 0.8, 0.7, 0.8], [0.8, 0.7, 0.6, 0.7], [0.5, 0.6, 0.5, 0.4])
    tested = min(pair.p_holm / pair.p for pair in comparison.results if pair.p and pair.p_holm)

    assert tested == pytest.approx(2)
    assert max(pair.p_holm / pair.p for pair in comparison.results if pair.p and pair.p_holm) <= 3


def test_no_verdict_of_equality_without_a_rope() -> None:
    comparison = compared([0.8, 0.9, 0.7, 0.8], [0.81, 0.88, 0.72, 0.79])

    assert "does not tell m0 (0.800) and m1 (0.800) apart" in comparison.verdict
    assert "equivalent" not in comparison.verdict
    assert NOT_EQUIVALENT in comparison.warnings


def test_equivalence_is_claimed_only_with_a_declared_rope_and_high_probability() -> None:
    close = ([0.80, 0.90, 0.70, 0.80], [0.801, 0.899, 0.702, 0.799])

    assert "practically equivalent" in compared(*close, rope=0.05).verdict
    assert "practically equivalent" not in compared(*close, rope=0.0001).verdict


def test_verdict_of_many_names_everybody_like_the_best() -> None:
    comparison = compared([0.9, 0.91, 0.92, 0.9], [0.9, 0.92, 0.91, 0.9], [0.5, 0.52, 0.5, 0.51])

    assert comparison.verdict == (
        "On d, m0 (0.9075) has the best accuracy; m1 (0.9075) is not distinguishable from it, m2 (0.5075) is "
        "worse (at 5%, corrected for fold overlap, Holm over 3 pairs)."
    )


def test_verdict_of_many_that_none_stands_out_of() -> None:
    comparison = compared([0.8, 0.9, 0.7], [0.7, 0.8, 0.9], [0.9, 0.7, 0.8])

    assert comparison.verdict.startswith(
        "On d, m0 (0.800) has the best accuracy; m1 (0.800) and m2 (0.800) are not distinguishable from it (at 5%"
    )


def test_verdict_against_a_baseline_sorts_the_others() -> None:
    comparison = compared(
        [0.7, 0.71, 0.72, 0.7],
        [0.9, 0.92, 0.91, 0.9],
        [0.5, 0.52, 0.5, 0.51],
        [0.71, 0.7, 0.73, 0.69],
        baseline="m0",
    )

    assert comparison.verdict == (
        "On d, m1 (0.9075) is better in accuracy than the baseline m0 (0.7075); m2 (0.5075) is worse; m3 (0.707) "
        "cannot be told from it (at 5%, corrected for fold overlap, Holm over 3 comparisons)."
    )


def test_one_in_a_thousand_is_no_p_of_zero() -> None:
    comparison = compared([0.9, 0.91, 0.92, 0.9], [0.5, 0.52, 0.51, 0.5])

    assert "p = <0.001" not in comparison.verdict
    assert "p < 0.001" in comparison.verdict


def test_dummy_that_is_as_good_is_mentioned() -> None:
    poor = Evidence("poor", "r", "d", 300, np.array([[0.5, 0.52]]), 1.0, guess=0.6)
    good = Evidence("good", "s", "d", 300, np.array([[0.8, 0.9]]), 1.0, guess=0.6)

    warnings = compare_evidence([poor, good], metric="accuracy").warnings

    assert [warning for warning in warnings if "dummy" in warning] == [
        "poor is no better on d than the dummy that guesses from the training targets."
    ]


def test_html_escapes_names() -> None:
    hostile = Evidence("</script><img src=x onerror=alert(1)>", "r", "d", 300, np.array([[0.8, 0.9]]), 1.0)
    other = Evidence("m", "s", "d", 300, np.array([[0.7, 0.9]]), 1.0)

    page = compare_evidence([hostile, other], metric="accuracy")._repr_html_()

    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_repr_is_the_verdict_with_its_tables_and_warnings() -> None:
    text = repr(compared([0.8, 0.9, 0.7], [0.7, 0.8, 0.9], rope=0.01))

    for part in (
        "accuracy does not tell",
        "like the best",
        "P(rope ±0.01)",
        "m0 − m1",
        f"Warning: {NOT_EQUIVALENT}",
    ):
        assert part in text


def test_pairs_and_scores_are_data_frames_of_raw_numbers() -> None:
    comparison = compared([0.8, 0.9, 0.7], [0.7, 0.8, 0.9], rope=0.01)

    assert {"difference", "ci_low", "p_holm", "p_rope", "wins"} <= set(comparison.pairs.columns)
    assert comparison.scores["mean"].tolist() == pytest.approx([0.8, 0.8])


def test_matrix_is_antisymmetric() -> None:
    matrix = compared([0.8, 0.9, 0.7], [0.7, 0.8, 0.8], [0.9, 0.9, 0.8]).matrix.to_numpy()

    assert np.allclose(matrix, -matrix.T)


def test_models_over_data_sets_are_ranked_and_tested() -> None:
    rng = np.random.default_rng(2)
    many = [
        each
        for i in range(8)
        for each in evidence([drawn(rng) + 0.2, drawn(rng) + 0.1, drawn(rng)], dataset=f"d{i}")
    ]

    comparison = compare_evidence(many, metric="accuracy")

    assert comparison.ranking is not None
    assert comparison.ranking.friedman is not None
    assert comparison.best == "m0"
    assert "Friedman-Iman-Davenport" in comparison.verdict
    assert comparison.verdict.startswith("Over 8 data sets, m0 (rank 1.")


def test_two_models_over_data_sets_get_a_sentence_of_their_own() -> None:
    rng = np.random.default_rng(3)
    many = [each for i in range(6) for each in evidence([drawn(rng) + 0.3, drawn(rng)], dataset=f"d{i}")]

    verdict = compare_evidence(many, metric="accuracy").verdict

    assert verdict.startswith("Over 6 data sets, m0 (rank 1.00) is better in accuracy than m1 (rank 2.00) (at 5%")


def test_a_rope_that_is_not_used_is_said_so() -> None:
    rng = np.random.default_rng(3)
    many = [each for i in range(6) for each in evidence([drawn(rng), drawn(rng)], dataset=f"d{i}")]

    assert any("ROPE is not used" in warning for warning in compare_evidence(many, metric="a", rope=0.1).warnings)
