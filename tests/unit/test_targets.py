from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, softmax

from harness.data import from_arrays
from harness.errors import FoldError, UsageError
from harness.targets import TargetCodec, codec_for, encode_labels, truth_of

LABELS: list[tuple[Any, Any]] = [("M", "R"), (-1, 1), (0, 1), (1, 2), (False, True), (0.0, 1.0)]


def _model(*shapes: tuple[int | None, ...], loss: Any = "mse") -> Any:
    outputs = [SimpleNamespace(shape=shape) for shape in shapes]
    return SimpleNamespace(name="net", loss=loss, outputs=outputs)


def _codec(classes: tuple[Any, ...] = ("M", "R"), width: int = 1, **changes: Any) -> TargetCodec:
    asked: dict[str, Any] = {"one_hot": False, "from_logits": False, "widths": (width,), **changes}
    return TargetCodec("binary" if len(classes) == 2 else "multiclass", classes, **asked)


@pytest.mark.parametrize("classes", LABELS, ids=str)
def test_labels_of_any_type_are_numbered_in_order(classes: tuple[Any, ...]) -> None:
    assert encode_labels(np.array([classes[1], classes[0]]), classes).tolist() == [1, 0]


@pytest.mark.parametrize("classes", LABELS, ids=str)
def test_labels_of_any_type_survive_json(classes: tuple[Any, ...]) -> None:
    y = np.array([*classes, classes[1]])
    assert encode_labels(y, tuple(json.loads(json.dumps(classes)))).tolist() == [0, 1, 1]


@pytest.mark.parametrize("label", ["A", "N", "Z"])
def test_an_unknown_label_is_named(label: str) -> None:
    with pytest.raises(UsageError, match=f"Unknown label '{label}'. Known: M, R"):
        encode_labels(np.array(["M", label]), ("M", "R"))


def test_one_unit_takes_one_column() -> None:
    encoded = _codec().encode(np.array(["R", "M"]))
    assert encoded.tolist() == [[1], [0]]
    assert encoded.dtype == np.float32


def test_a_loss_for_class_numbers_takes_them() -> None:
    encoded = _codec(("a", "b", "c"), 3).encode(np.array(["c", "a"]))
    assert encoded.tolist() == [2, 0]
    assert encoded.dtype == np.int32


def test_a_loss_for_columns_takes_one_a_class() -> None:
    encoded = _codec(("a", "b", "c"), 3, one_hot=True).encode(np.array(["c", "a"]))
    assert encoded.tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize("y", [np.array([1.0, 2.0]), np.array([[1.0], [2.0]])])
def test_numbers_have_a_column_each(y: Any) -> None:
    codec = TargetCodec("regression", (), False, False, (1,))
    assert codec.encode(y).tolist() == [[1], [2]]


def test_logits_of_one_unit_are_read() -> None:
    logits = np.array([[-1.0], [2.0]])
    np.testing.assert_allclose(_codec(from_logits=True).decode(logits)[:, 1], expit(logits[:, 0]))


def test_logits_of_several_units_are_read() -> None:
    logits = np.array([[-1.0, 0.0, 4.0]])
    decoded = _codec(("a", "b", "c"), 3, from_logits=True).decode(logits)
    np.testing.assert_allclose(decoded, softmax(logits, axis=1))


def test_scores_that_do_not_add_up_are_shares() -> None:
    np.testing.assert_allclose(_codec(width=2).decode(np.array([[0.2, 0.6]])), [[0.25, 0.75]])


@pytest.mark.parametrize("outputs", [[[-0.5]], [[1.5]]])
def test_outputs_that_are_no_probabilities_are_refused(outputs: Any) -> None:
    with pytest.raises(
        FoldError, match=r"must be probabilities. Received: .*; end the model in sigmoid or softmax"
    ):
        _codec().decode(np.array(outputs))


@pytest.mark.parametrize("output", [1 + 1e-7, -1e-7])
def test_a_rounding_error_is_no_refusal(output: float) -> None:
    decoded = _codec().decode(np.array([[output]]))
    assert decoded.min() == 0
    assert decoded.max() == 1


@pytest.mark.parametrize(
    ("loss", "one_hot"),
    [
        ("categorical_crossentropy", True),
        ("sparse_categorical_crossentropy", False),
        ("mse", True),
        ("binary_crossentropy", True),
        ("kl_divergence", True),
        ({"out": "sparse_categorical_crossentropy"}, False),
        (["categorical_crossentropy"], True),
        (SimpleNamespace(__name__="my_own_loss"), True),
    ],
    ids=str,
)
def test_only_a_sparse_loss_takes_class_numbers(loss: Any, one_hot: bool) -> None:
    # Keras broadcasts (n,) numbers against (n, 3) outputs in most other losses without a word.
    assert codec_for(_model((None, 3), loss=loss), "multiclass", ("a", "b", "c"), 1).one_hot is one_hot


@pytest.mark.parametrize("wrap", [lambda loss: loss, lambda loss: [loss], lambda loss: {"out": loss}])
def test_logits_are_noticed_wherever_the_loss_stands(wrap: Any) -> None:
    loss = SimpleNamespace(from_logits=True, __name__="binary_crossentropy")
    assert codec_for(_model((None, 1), loss=wrap(loss)), "binary", ("M", "R"), 1).from_logits


@pytest.mark.parametrize(
    ("model", "task", "classes", "targets", "message"),
    [
        (_model((None, 1), loss=None), "binary", "ab", 1, "must return a compiled model"),
        (_model((None, 2)), "multiclass", "abc", 1, "2 output units. The data has 3 classes"),
        (_model((None, 1)), "multiclass", "abc", 1, "1 output units. The data has 3 classes"),
        (_model((None, 1), (None, 1)), "binary", "ab", 1, "a model with 2"),
        (_model((None, 1), loss="categorical_crossentropy"), "binary", "ab", 1, "needs one output unit a class"),
        (_model((None, 1), loss="sparse_categorical_crossentropy"), "binary", "ab", 1, "needs one output unit"),
        (_model((None, 1)), "regression", "", 3, "1 output columns. The data has 3 target columns"),
    ],
)
def test_a_model_that_does_not_fit_the_data_is_refused(
    model: Any, task: Any, classes: str, targets: int, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        codec_for(model, task, tuple(classes), targets)


def test_several_heads_have_their_widths() -> None:
    codec = codec_for(_model((None, 2), (None, 1), (None,)), "regression", (), 4)
    assert codec.widths == (2, 1, 1)


@pytest.mark.parametrize("y", [np.array([1.5, 2, 3]), np.array([[1.5, 0], [2, 0], [3, 0]])])
def test_the_truth_of_numbers_has_two_axes(y: Any) -> None:
    assert truth_of(from_arrays(np.zeros((3, 1)), y)).shape == (3, y.size // 3)


def test_the_truth_of_labels_is_their_number() -> None:
    assert truth_of(from_arrays(np.zeros((3, 1)), ["b", "a", "b"])).tolist() == [1, 0, 1]
