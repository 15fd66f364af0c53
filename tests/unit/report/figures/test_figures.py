"""Every figure: named axes, something drawn, a description, and both kinds of file."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from scipy import stats

from harness.report.contrast import Difference
from harness.report.figures._style import COLOURS, GREY, INK, LINES, description
from harness.report.figures.confusion_matrix import confusion_matrix
from harness.report.figures.critical_difference import critical_difference
from harness.report.figures.fold_scores import ScoreRow, fold_scores
from harness.report.figures.learning_curves import learning_curves
from harness.report.figures.paired_differences import paired_differences
from harness.report.figures.precision_recall import precision_recall
from harness.report.figures.predicted_true import predicted_true
from harness.report.figures.reliability import reliability
from harness.report.figures.render import render
from harness.report.figures.repeats_error import repeats_error
from harness.report.figures.residuals import residuals
from harness.report.figures.roc import roc
from harness.report.figures.score_distribution import score_distribution
from harness.report.figures.training_time import training_time
from harness.report.figures.variance_shares import variance_shares

HOSTILE = "$x^{ <script>alert(1)</script> \\frac"
UNITS = {"length": "mm", "width": "mm"}
MEMORY = {"net": {"peak": 9 << 20, "growth": 1 << 20}}
DRAWN: dict[str, Callable[[pytest.FixtureRequest], Figure]] = {
    "learning_curves": lambda request: learning_curves(request.getfixturevalue("history"), [2, 1], "net on sonar"),
    "fold_scores": lambda request: fold_scores(
        [ScoreRow("net", [0.7, 0.9, None], 0.8, (0.6, 1.0), 0.5)], "accuracy"
    ),
    "paired_differences": lambda request: paired_differences(
        [Difference("b - a", 0.1, (0.05, 0.15), [0.1, 0.12]), Difference("c - a", 0.0)], "accuracy", rope=0.01
    ),
    "roc": lambda request: roc(request.getfixturevalue("labelled"), ["M", "R"]),
    "precision_recall": lambda request: precision_recall(request.getfixturevalue("labelled"), ["M", "R"]),
    "confusion_matrix": lambda request: confusion_matrix([[8, 2], [1, 9]], ["M", "R"]),
    "predicted_true": lambda request: predicted_true(request.getfixturevalue("numbers"), UNITS),
    "residuals": lambda request: residuals(request.getfixturevalue("numbers"), UNITS),
    "reliability": lambda request: reliability([0, 0, 1, 1, 1], [0.1, 0.4, 0.4, 0.8, 1.0], "R"),
    "score_distribution": lambda request: score_distribution([0.7, 0.8, 0.85, 0.9], "accuracy"),
    "repeats_error": lambda request: repeats_error([[0.8, 0.9], [0.7, 0.8], [0.8, 0.8]], "accuracy", 1.0),
    "variance_shares": lambda request: variance_shares({"seed": 1.0, "fold": 2.0, "repeat": 0.0}, "accuracy"),
    "training_time": lambda request: training_time({"net": [1.0, 1.5], "other": [2.0]}),
    "time_and_memory": lambda request: training_time({"net": [1.0, 1.5], "other": [2.0]}, MEMORY),
    "critical_difference": lambda request: critical_difference(
        {"a": 1.2, "b": 1.9, "c": 2.9}, 1.1, [("a", "b"), ("b", "c")], "accuracy"
    ),
}


@pytest.fixture(params=DRAWN)
def figure(request: pytest.FixtureRequest) -> Figure:
    return DRAWN[request.param](request)


def test_every_panel_names_its_axes(figure: Figure) -> None:
    named = [axes.get_xlabel() or axes.get_ylabel() for axes in figure.axes]
    assert named
    assert all(named)
    assert figure.axes[-1].get_xlabel()


def test_something_is_drawn(figure: Figure) -> None:
    pixels = imread(io.BytesIO(render(figure, "png")))[..., :3]
    assert (pixels < 0.5).mean() > 0.005


def test_the_description_has_a_number(figure: Figure) -> None:
    assert any(character.isdigit() for character in description(figure))


def test_the_svg_holds_its_description_and_its_text_as_text(figure: Figure) -> None:
    svg = render(figure, "svg").decode()
    assert figure.axes[-1].get_xlabel().split(" ")[0] in svg
    assert "<dc:description>" in svg


def test_equal_figures_give_equal_bytes(request: pytest.FixtureRequest) -> None:
    first, second = (DRAWN["reliability"](request) for _ in range(2))
    assert render(first) == render(second)


def test_text_fits_into_the_picture(figure: Figure) -> None:
    render(figure, "png")
    width, height = figure.bbox.size
    for axes in figure.axes:
        box = axes.get_tightbbox()
        assert box.x0 >= -1
        assert box.y0 >= -1
        assert box.x1 <= width + 12
        assert box.y1 <= height + 1


def test_a_label_is_drawn_as_it_is_not_as_a_formula() -> None:
    svg = render(fold_scores([ScoreRow(HOSTILE, [0.1, 0.2], 0.15)], HOSTILE, title=HOSTILE)).decode()
    assert "<script" not in svg
    assert "$x^{" in svg


def test_a_label_in_a_script_that_the_font_lacks_is_kept_without_a_warning() -> None:
    svg = render(confusion_matrix([[1, 0], [0, 1]], ["猫", "犬"])).decode()
    assert "猫" in svg


def test_the_users_own_settings_do_not_change_a_figure() -> None:
    import matplotlib as mpl

    plain = render(score_distribution([0.7, 0.8, 0.9], "accuracy"))
    with mpl.rc_context({"lines.linewidth": 9, "axes.facecolor": "black"}):
        assert render(score_distribution([0.7, 0.8, 0.9], "accuracy")) == plain


@pytest.mark.parametrize("colour", [*COLOURS, GREY, INK])
def test_every_colour_of_a_line_stands_out_from_white_in_grey(colour: str) -> None:
    assert 1.05 / (_luminance(colour) + 0.05) >= 4.5


def test_series_differ_by_line_style_and_not_only_by_colour() -> None:
    assert len(set(map(str, LINES))) == len(LINES) == len(COLOURS)


def test_training_and_validation_differ_by_line_style(history) -> None:
    lines = [line for line in learning_curves(history).axes[0].get_lines() if len(line.get_xdata()) > 1]
    assert [line.get_linestyle() for line in lines] == ["-", "--"]


def test_curves_go_on_with_the_trainings_that_are_left(history) -> None:
    mean = learning_curves(history).axes[0].get_lines()[0]
    np.testing.assert_allclose(mean.get_ydata(), [1.1, 0.6, 0.1 + 1 / 3, 0.35])


def test_a_curve_is_thin_where_most_trainings_have_stopped() -> None:
    rows = [(0, fold, 0, epoch, "loss", 1.0) for fold, epochs in enumerate((2, 2, 5)) for epoch in range(epochs)]
    history = pd.DataFrame(rows, columns=["repeat", "fold", "init", "epoch", "metric", "value"])
    whole, rest = learning_curves(history).axes[0].get_lines()
    assert (whole.get_xdata().tolist(), rest.get_xdata().tolist()) == ([1, 2], [2, 3, 4, 5])
    assert rest.get_linewidth() < whole.get_linewidth()


@pytest.mark.parametrize("draw", [roc, precision_recall])
def test_a_figure_without_room_for_all_classes_says_so(draw: Callable[..., Figure], class_predictions) -> None:
    labels = [f"c{number}" for number in range(8)]
    predictions = class_predictions(labels, rows=80)
    assert draw(predictions, labels, "net on data").axes[0].get_title("left") == "net on data, 6 of 8 classes"
    few = class_predictions(labels[:3])
    assert draw(few, labels[:3], "net on data").axes[0].get_title("left") == "net on data"


def test_prevalences_of_several_classes_are_named(class_predictions) -> None:
    labels = ["a", "b", "c"]
    assert "prevalence of each class" in render(precision_recall(class_predictions(labels), labels)).decode()


def test_a_long_unit_stands_below_the_name_of_a_vertical_axis(numbers) -> None:
    axes = residuals(numbers, {"length": "beats per minute", "width": "mm"}).axes
    assert axes[0].get_ylabel() == "true − predicted\n[beats per minute]"
    assert axes[0].get_xlabel() == "predicted [beats per minute]"


def test_the_best_epochs_are_counted_from_one(history) -> None:
    assert "median 2.5" in description(learning_curves(history, [1, 2]))


def test_numbers_in_dark_cells_are_white() -> None:
    texts = confusion_matrix([[9, 1], [1, 9]], ["M", "R"]).axes[0].texts
    assert [text.get_color() for text in texts] == ["white", "black", "black", "white"]


def test_a_matrix_of_many_classes_shows_no_numbers() -> None:
    assert not confusion_matrix(np.eye(25, dtype=int), [f"class {i}" for i in range(25)]).axes[0].texts


def test_only_models_that_are_told_apart_have_a_filled_diamond() -> None:
    rows = [Difference("a", 0.1, (0.05, 0.15), distinct=True), Difference("b", 0.1, (0.05, 0.15))]
    diamonds = [line for line in paired_differences(rows, "mae").axes[0].get_lines() if line.get_marker() == "D"]
    assert [diamond.get_markerfacecolor() for diamond in diamonds[:2]] == [INK, "white"]


def test_a_long_difference_keeps_both_names_on_two_lines() -> None:
    figure = paired_differences([Difference("sonar_dropout_hidden − sonar_dropout", 0.1)], "accuracy")
    (text,) = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert text == "sonar_dropout_hidden\n− sonar_dropout"


LEVELLED: dict[str, Callable[[float], Figure]] = {
    "fold_scores": lambda level: fold_scores([ScoreRow("net", [0.7, 0.9], 0.8, (0.6, 1.0))], "accuracy", level),
    "paired_differences": lambda level: paired_differences([Difference("b - a", 0.1)], "accuracy", level=level),
    "reliability": lambda level: reliability([0, 1], [0.1, 0.9], "R", level=level),
}


@pytest.mark.parametrize("name", LEVELLED)
def test_the_legend_says_the_level_that_was_asked_for(name: str) -> None:
    assert "97.5% " in render(LEVELLED[name](0.975)).decode()


def test_reliability_draws_the_interval_of_the_level_that_was_asked_for() -> None:
    upper = reliability([0, 1, 1, 1], [0.8, 0.82, 0.84, 0.86], "R", level=0.8).axes[0]
    (bar,) = [line for line in upper.get_lines() if len(line.get_xdata()) == 2 and not np.ptp(line.get_xdata())]
    expected = stats.binomtest(3, 4).proportion_ci(0.8, method="wilson")
    np.testing.assert_allclose(bar.get_ydata(), [expected.low, expected.high])


@pytest.mark.parametrize("count", [3, 4, 30])
def test_the_qq_plot_is_scipys(count: int) -> None:
    scores = np.random.default_rng(count).normal(0.8, 0.1, count)
    line, points = score_distribution(scores, "accuracy").axes[1].get_lines()
    (theoretical, ordered), (slope, intercept, r) = stats.probplot(scores)
    np.testing.assert_allclose(points.get_xydata(), np.column_stack([theoretical, ordered]), atol=1e-12)
    np.testing.assert_allclose(line.get_ydata(), intercept + slope * theoretical)
    assert f"is {r:.3f}" in description(score_distribution(scores, "accuracy"))


def test_a_model_with_failed_folds_has_no_mean() -> None:
    figure = fold_scores([ScoreRow("net", [0.7, None])], "accuracy")
    assert "net: no mean" in description(figure)
    assert not figure.axes[0].texts


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
