"""The coverage study: its exact tier, and the pieces of its other tiers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from harness.comparison import Evidence, compare_evidence
from scripts.coverage_study.analysis import coverages, sizes
from scripts.coverage_study.collecting import Arrays, Collection, collect
from scripts.coverage_study.exact import DESIGNS, exact_coverage, uncorrected_coverage
from scripts.coverage_study.gates import UNMET, check, pooled, unmet
from scripts.coverage_study.learners import LinearRule, run_linear, run_nearest
from scripts.coverage_study.markdown import BEGIN, END, insert, report_text
from scripts.coverage_study.population import Population, deal_folds
from scripts.coverage_study.report import write_report
from scripts.coverage_study.simulation import SETTINGS, simulate

DOCS = Path(__file__).parents[3] / "docs"
POPULATION = Population(features=4, distance=2.0, prevalence=0.3)
REPORTED = ("coverage.csv", "coverage-size.csv", "statistics.md")


@pytest.fixture
def reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what was reported, to be written again without its picture."""
    for name in REPORTED:
        (tmp_path / name).write_bytes((DOCS / name).read_bytes())
    monkeypatch.setattr("scripts.coverage_study.report.draw", lambda covered, path: None)
    return tmp_path


@pytest.mark.parametrize(("folds", "repeats"), DESIGNS)
def test_corrected_interval_is_exact_where_its_assumption_holds(folds: int, repeats: int) -> None:
    assert exact_coverage(folds, repeats).corrected == pytest.approx(0.95, abs=0.005)


@pytest.mark.parametrize(("folds", "repeats", "theory"), [(5, 1, 0.7386), (5, 5, 0.5263), (10, 10, 0.4254)])
def test_uncorrected_interval_covers_as_little_as_theory_says(folds: int, repeats: int, theory: float) -> None:
    assert uncorrected_coverage(folds, repeats) == pytest.approx(theory, abs=5e-5)
    assert exact_coverage(folds, repeats).uncorrected == pytest.approx(theory, abs=0.0075)


def test_true_error_and_auc_are_those_of_many_fresh_rows() -> None:
    rng = np.random.default_rng(0)
    weights, intercept = rng.normal(size=(1, 4)) + 0.5, np.array([-0.3])
    x, positive = POPULATION.sample(200_000, rng)
    scores = x @ weights[0] + intercept[0]

    assert POPULATION.error(weights, intercept)[0] == pytest.approx(((scores > 0) != positive).mean(), abs=0.004)
    thousand = scores[positive][:1000, None] > scores[~positive][:1000]
    assert POPULATION.auc(weights)[0] == pytest.approx(thousand.mean(), abs=0.03)


def test_folds_are_stratified_and_differ_by_one_row_at_most() -> None:
    positive = np.arange(53) >= 40
    dealt = deal_folds(positive, 5, np.random.default_rng(1))

    assert np.ptp(np.bincount(dealt)) <= 1
    assert np.ptp(np.bincount(dealt[positive])) <= 1


def test_linear_rule_is_scikit_learns_discriminant_analysis() -> None:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    rng = np.random.default_rng(2)
    x, positive = POPULATION.sample(60, rng)
    dealt = deal_folds(positive, 5, rng)
    errors = run_linear(LinearRule(), POPULATION, x, positive, dealt[None]).errors[0]

    for fold in range(5):
        train, test = dealt != fold, dealt == fold
        model = LinearDiscriminantAnalysis(solver="lsqr").fit(x[train], positive[train])
        assert errors[fold] == pytest.approx((model.predict(x[test]) != positive[test]).mean())


def test_nearest_neighbour_is_scikit_learns() -> None:
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(3)
    x, positive = POPULATION.sample(60, rng)
    dealt = deal_folds(positive, 5, rng)
    errors = run_nearest(POPULATION, x, positive, dealt[None], rng).errors[0]

    for fold in range(5):
        train, test = dealt != fold, dealt == fold
        model = KNeighborsClassifier(1).fit(x[train], positive[train])
        assert errors[fold] == pytest.approx((model.predict(x[test]) != positive[test]).mean())


def test_mean_of_the_folds_estimates_the_error_at_their_number_of_rows() -> None:
    setting = next(each for each in SETTINGS if each.name == "lda_n100_k5_p0.5")
    arrays = simulate(setting, range(100))

    assert arrays["errors"].mean() == pytest.approx(arrays["at_folds"].mean(), abs=0.012)
    assert arrays["at_n"].mean() < arrays["at_folds"].mean()


def test_interrupted_simulation_goes_on_with_the_same_numbers(tmp_path: Path) -> None:
    setting = SETTINGS[0]

    def simulated(numbers: Sequence[int]) -> Arrays:
        return simulate(setting, numbers)

    in_steps, at_once = Collection(tmp_path / "a.npz", simulated), Collection(tmp_path / "b.npz", simulated)
    in_steps.extend(2)
    in_steps.extend(5)
    at_once.extend(5)

    for name, values in at_once.read().items():
        assert np.array_equal(in_steps.read()[name], values)


def test_collecting_stops_in_time_and_says_so(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "a.npz", lambda numbers: {"at_n": np.zeros(len(numbers))})

    assert not collect([collection], datasets=10, minutes=-1, block=5)
    assert collect([collection], datasets=10, minutes=1, block=5)
    assert collection.size == 10


def test_coverage_counts_intervals_that_hold_the_truth() -> None:
    rng = np.random.default_rng(4)
    scores = rng.normal(0.2, 0.05, (400, 1, 5))
    # Independent folds: here the uncorrected t would be right, so the corrected interval must cover more.
    found = {each.method: each for each in coverages(_arrays(scores, truth=0.2), folds=5, repeats=(1,))}

    assert found["corrected"].at_folds > 0.96
    assert found["uncorrected z"].at_folds < 0.92
    assert found["corrected"].left + found["corrected"].right == pytest.approx(1 - found["corrected"].at_folds)


def test_misses_are_told_by_their_side() -> None:
    scores = np.random.default_rng(5).normal(0.2, 0.01, (50, 1, 5))
    found = next(iter(coverages(_arrays(scores, truth=0.9), folds=5, repeats=(1,))))

    assert (found.at_folds, found.left, found.right) == (0.0, 0.0, 1.0)


def test_scores_that_are_all_alike_have_no_interval_and_are_counted() -> None:
    scores = np.concatenate([np.full((3, 1, 5), 0.2), np.random.default_rng(6).normal(size=(7, 1, 5))])
    found = next(iter(coverages(_arrays(scores, truth=0.0), folds=5, repeats=(1,))))

    assert (found.undefined, found.datasets) == (3, 10)


def test_size_counts_rejections_of_a_true_null() -> None:
    differences = np.random.default_rng(7).normal(size=(2000, 1, 5))
    found = next(iter(sizes(differences, folds=5, repeats=(1,))))

    assert found.uncorrected == pytest.approx(0.05, abs=0.015)
    assert found.corrected < found.uncorrected


def test_page_keeps_what_is_around_the_generated_part(tmp_path: Path) -> None:
    page = tmp_path / "statistics.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    insert(page, "new\n")

    assert page.read_text() == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"


def test_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "statistics.md"
    page.write_text("nothing")

    with pytest.raises(ValueError, match="lacks the lines"):
        insert(page, "new")


def test_gates_fail_where_the_corrected_interval_covers_too_little() -> None:
    covered, rejected = _committed()
    worse = covered.assign(at_folds=covered["at_folds"] - 0.2 * (covered["method"] == "corrected"))

    gates = [gate for gate in check([], worse, rejected) if gate.name.startswith("corrected interval")]
    assert {"error rate" in gate.name for gate in gates} == {True, False}
    assert not any(gate.met for gate in gates)


def test_gates_fail_where_the_test_tells_equal_models_apart_too_often() -> None:
    covered, rejected = _committed()
    gates = check([], covered, rejected.assign(corrected=0.061))

    assert [gate.where for gate in gates if "in at most 0.06" in gate.name and not gate.met] == [
        "subspace",
        "keras mlp",
    ]


def test_the_worst_setting_stands_beside_the_mean() -> None:
    covered, rejected = _committed()
    wanted = (covered["learner"] == "1-nn") & (covered["n"] == 100) & (covered["method"] == "corrected")
    least = covered[wanted].sort_values("at_folds").iloc[0]
    (gate,) = [each for each in check([], covered, rejected) if each.where == "1-nn" and "n = 100" in each.name]

    assert gate.worst == least["at_folds"] < gate.value
    assert gate.cell == f"n=100, {least['folds']} folds, prevalence {least['prevalence']}, r={least['repeats']}"


def test_the_demands_that_are_not_met_are_those_that_the_page_explains() -> None:
    covered, rejected = _committed()

    assert unmet(check([], covered, rejected)) == UNMET
    assert sorted(UNMET) == [
        ("corrected interval of the AUC covers at least 0.85 at n = 100", "wide lda"),
        ("corrected interval of the error rate covers at least 0.93 at n of 500 and more", "1-nn"),
    ]


def test_gates_fail_where_the_negative_controls_do_not() -> None:
    covered, rejected = _committed()
    gates = check([], covered.assign(at_folds=0.95), rejected.assign(uncorrected=0.05))

    assert not any(gate.met for gate in gates if gate.name.startswith("negative control"))


def test_means_of_settings_are_plain_means() -> None:
    covered, _ = _committed()
    wanted = (covered["learner"] == "lda") & (covered["n"] == 200) & (covered["method"] == "corrected")
    cells = covered[wanted & (covered["repeats"] == 10) & (covered["metric"] == "auc")]
    means = pooled(covered, "auc")
    (row,) = means[
        (means["learner"] == "lda")
        & (means["n"] == 200)
        & (means["method"] == "corrected")
        & (means["repeats"] == 10)
    ].to_dict("records")

    assert len(cells) == row["cells"] == 4
    assert row["at_folds"] == pytest.approx(sum(cells["at_folds"]) / 4, abs=1e-6)
    assert row["worst"] == min(cells["at_folds"])


def test_committed_page_follows_from_the_committed_figures() -> None:
    covered, rejected = _committed()
    exact = [exact_coverage(folds, repeats) for folds, repeats in DESIGNS]
    _, _, rest = (DOCS / "statistics.md").read_text(encoding="utf-8").partition(BEGIN)
    generated = rest.partition(END)[0]

    assert generated.strip() == report_text(exact, covered, rejected, check(exact, covered, rejected)).strip()


def test_settings_that_were_not_simulated_again_keep_their_rows(reported: Path) -> None:
    assert write_report(reported / "nothing", reported)
    for name in REPORTED:
        assert (reported / name).read_bytes() == (DOCS / name).read_bytes()


def test_settings_that_were_simulated_again_get_new_rows(reported: Path) -> None:
    setting = next(each for each in SETTINGS if each.name == "subspace_n50_k5_p0.5")
    Collection(reported / "work/learners" / f"{setting.name}.npz", partial(simulate, setting)).extend(20)

    write_report(reported / "work", reported)

    before, after = (pd.read_csv(folder / "coverage-size.csv") for folder in (DOCS, reported))
    changed = (before != after).any(axis=1)
    assert before[changed][["learner", "n", "folds", "prevalence"]].drop_duplicates().to_numpy().tolist() == [
        ["subspace", 50, 5, 0.5]
    ]
    assert set(after[changed]["datasets"]) == {20}


def test_two_equal_models_are_called_indistinguishable_in_94_of_100_comparisons() -> None:
    setting = next(each for each in SETTINGS if each.name == "subspace_n100_k5_p0.5")
    arrays = simulate(setting, range(100))
    first = arrays["errors"][:, :3]
    second = first - arrays["differences"][:, :3]
    compared = [
        compare_evidence(
            [Evidence(name, name, "simulated", 100, each, 0.25) for name, each in (("a", a), ("b", b))],
            metric="error",
            minimize=True,
        )
        for a, b in zip(first, second, strict=True)
    ]

    alike = sum(len(each.contenders) == 2 and "does not tell" in each.verdict for each in compared)
    assert alike >= 94
    # Another test would have told them apart again and again: the folds are not alike for want of differences.
    gains = (first - second).reshape(100, -1)
    assert sum(stats.ttest_1samp(each, 0).pvalue <= 0.05 for each in gains) > 15


def _arrays(scores: np.ndarray, truth: float) -> Arrays:
    return {"errors": scores, "at_folds": np.full(len(scores), truth), "at_n": np.full(len(scores), truth)}


def _committed() -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.read_csv(DOCS / "coverage.csv"), pd.read_csv(DOCS / "coverage-size.csv")
