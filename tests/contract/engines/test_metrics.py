"""Every metric of Keras counts the same under the vectorized engine as under `model.fit`, or is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import pytest

from harness.engines.base import Recipe, Shape
from harness.engines.vectorized.engine import VectorizedEngine
from harness.errors import EngineError
from harness.progress import Progress
from tests.contract.engines.comparison import (
    Builder,
    Labels,
    amounts,
    assert_complete,
    classes,
    compare,
    make_task,
    one_hot,
    products,
)

layers, metrics = keras.layers, keras.metrics
Metrics = dict[str, Callable[[], Any]]


class Kind(NamedTuple):
    """Metrics of one kind of labels, and a network that predicts these."""

    labels: Labels
    loss: str
    activation: str
    width: int
    metrics: Metrics


KINDS: dict[str, Kind] = {
    "two classes": Kind(
        products,
        "binary_crossentropy",
        "sigmoid",
        1,
        {
            "AUC": lambda: metrics.AUC(num_thresholds=20, curve="PR"),
            "Accuracy": metrics.Accuracy,
            "BinaryAccuracy": lambda: metrics.BinaryAccuracy(threshold=0.4),
            "BinaryCrossentropy": lambda: metrics.BinaryCrossentropy(label_smoothing=0.1),
            "BinaryIoU": lambda: metrics.BinaryIoU([0, 1], threshold=0.4),
            "FalseNegatives": metrics.FalseNegatives,
            "FalsePositives": lambda: metrics.FalsePositives(0.4),
            "IoU": lambda: metrics.IoU(2, [0]),
            "MeanIoU": lambda: metrics.MeanIoU(2),
            "MeanMetricWrapper": lambda: metrics.MeanMetricWrapper(keras.losses.binary_focal_crossentropy),
            "Precision": metrics.Precision,
            "PrecisionAtRecall": lambda: metrics.PrecisionAtRecall(0.5),
            "Recall": lambda: metrics.Recall(0.4),
            "RecallAtPrecision": lambda: metrics.RecallAtPrecision(0.5),
            "SensitivityAtSpecificity": lambda: metrics.SensitivityAtSpecificity(0.5),
            "SpecificityAtSensitivity": lambda: metrics.SpecificityAtSensitivity(0.5),
            "TrueNegatives": metrics.TrueNegatives,
            "TruePositives": metrics.TruePositives,
            "Hinge": metrics.Hinge,
            "SquaredHinge": metrics.SquaredHinge,
        },
    ),
    "a column a class": Kind(
        one_hot,
        "categorical_crossentropy",
        "softmax",
        3,
        {
            "CategoricalAccuracy": metrics.CategoricalAccuracy,
            "CategoricalCrossentropy": metrics.CategoricalCrossentropy,
            "CategoricalHinge": metrics.CategoricalHinge,
            "F1Score": lambda: metrics.F1Score(average="macro"),
            "FBetaScore": lambda: metrics.FBetaScore(average="micro", beta=2.0),
            "KLDivergence": metrics.KLDivergence,
            "OneHotIoU": lambda: metrics.OneHotIoU(3, [0, 2]),
            "OneHotMeanIoU": lambda: metrics.OneHotMeanIoU(3),
            "TopKCategoricalAccuracy": lambda: metrics.TopKCategoricalAccuracy(k=2),
        },
    ),
    "class numbers": Kind(
        classes,
        "sparse_categorical_crossentropy",
        "softmax",
        3,
        {
            "SparseCategoricalAccuracy": metrics.SparseCategoricalAccuracy,
            "SparseCategoricalCrossentropy": metrics.SparseCategoricalCrossentropy,
            "SparseTopKCategoricalAccuracy": lambda: metrics.SparseTopKCategoricalAccuracy(k=2),
        },
    ),
    "amounts": Kind(
        amounts,
        "mse",
        "softplus",
        2,
        {
            "ConcordanceCorrelation": metrics.ConcordanceCorrelation,
            "CosineSimilarity": metrics.CosineSimilarity,
            "LogCoshError": metrics.LogCoshError,
            "MeanAbsoluteError": metrics.MeanAbsoluteError,
            "MeanAbsolutePercentageError": metrics.MeanAbsolutePercentageError,
            "MeanSquaredError": metrics.MeanSquaredError,
            "MeanSquaredLogarithmicError": metrics.MeanSquaredLogarithmicError,
            "PearsonCorrelation": metrics.PearsonCorrelation,
            "Poisson": metrics.Poisson,
            "R2Score": metrics.R2Score,
            "RootMeanSquaredError": metrics.RootMeanSquaredError,
        },
    ),
}
FUNCTIONS: dict[str, Sequence[str]] = {
    "two classes": (
        *("binary_accuracy", "binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge"),
    ),
    "a column a class": (
        *("categorical_accuracy", "categorical_crossentropy", "categorical_focal_crossentropy"),
        *("categorical_hinge", "kl_divergence", "top_k_categorical_accuracy"),
    ),
    "class numbers": (
        *("sparse_categorical_accuracy", "sparse_categorical_crossentropy", "sparse_top_k_categorical_accuracy"),
    ),
    "amounts": (
        *("concordance_correlation", "huber", "log_cosh", "mean_absolute_error", "pearson_correlation"),
        *("mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error", "poisson"),
    ),
}
# Metrics that look at one row at a time: with these alone the last batch is masked, with others it is apart.
ROWWISE = {
    *("BinaryAccuracy", "BinaryCrossentropy", "CategoricalAccuracy", "CategoricalCrossentropy"),
    *("CategoricalHinge", "CosineSimilarity", "Hinge", "KLDivergence", "LogCoshError", "MeanAbsoluteError"),
    *("MeanAbsolutePercentageError", "MeanMetricWrapper", "MeanSquaredError", "MeanSquaredLogarithmicError"),
    *("Poisson", "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy"),
    *("SquaredHinge", "TopKCategoricalAccuracy", "Accuracy"),
}
NO_CASE = {
    "Metric": "the base of all",
    "Mean": "of values, not of labels and predictions; `loss` is one",
    "Sum": "of values, not of labels and predictions",
    **dict.fromkeys(("deserialize", "get", "serialize"), "no metric"),
}


def test_every_metric_of_keras_has_a_case() -> None:
    objects = [name for kind in KINDS.values() for name in kind.metrics]
    functions = [name for names in FUNCTIONS.values() for name in names]
    assert_complete(metrics, objects, functions, NO_CASE)


def net(kind: Kind, made: Callable[[], list[Any]], weighted: bool = False) -> Builder:
    def build(shape: Shape) -> keras.Model:
        model = keras.Sequential([keras.Input(shape), layers.Dense(kind.width, activation=kind.activation)])
        which = {"weighted_metrics" if weighted else "metrics": made()}
        model.compile(keras.optimizers.SGD(0.1), loss=kind.loss, **which)
        return model

    return build


# Metrics of overlaps count in whole numbers, to which Keras cuts weights; it says so.
@pytest.mark.filterwarnings("ignore:You are passing weight as `float`:UserWarning")
@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("masked", [True, False], ids=["masked", "last batch apart"])
@pytest.mark.parametrize("name", KINDS)
def test_every_metric_counts_the_same(name: str, masked: bool, weighted: bool, tmp_path: Path) -> None:
    kind = KINDS[name]
    names = [each for each in kind.metrics if not masked or each in ROWWISE]

    def made() -> list[Any]:
        return [kind.metrics[each]() for each in names]

    compare(tmp_path, net(kind, made, weighted), labels=kind.labels, weighted=weighted)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_every_function_counts_the_same(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    compare(
        tmp_path,
        net(kind, lambda: [getattr(metrics, each) for each in FUNCTIONS[name]]),
        labels=kind.labels,
        weighted=True,
    )


SEVERAL_NUMBERS: dict[str, tuple[str, Callable[[], Any]]] = {
    "F1Score": ("a column a class", metrics.F1Score),
    "FBetaScore": ("a column a class", metrics.FBetaScore),
    "R2Score": ("amounts", lambda: metrics.R2Score(class_aggregation=None)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SEVERAL_NUMBERS)
def test_metrics_of_several_numbers_are_refused(name: str, tmp_path: Path) -> None:
    kind, make = KINDS[SEVERAL_NUMBERS[name][0]], SEVERAL_NUMBERS[name][1]
    task, build = make_task(tmp_path, 0, labels=kind.labels), net(kind, lambda: [make()])
    recipe = Recipe(epochs=5, batch_size=8, widths=(kind.width,))
    with pytest.raises(EngineError, match="is several numbers; use the fit engine"):
        list(VectorizedEngine().train([task], build, recipe, Progress()))
