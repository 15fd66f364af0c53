from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, QuantileTransformer, StandardScaler
from sklearn.random_projection import GaussianRandomProjection

from harness.errors import DataError, UnknownNameError, UsageError
from harness.preprocessing import TRANSFORMERS, FoldPreprocessor, describe_transformers, resolve_transformers

RNG = np.random.default_rng(0)
TRAIN, TEST = RNG.normal(size=(40, 3)), RNG.normal(size=(10, 3))
FRAME = pd.DataFrame({"size": [1.0, np.nan, 3.0, 4.0], "colour": ["red", "blue", np.nan, "red"]}, dtype=object)
FRAME["size"] = FRAME["size"].astype(float)


class Crosswise(BaseEstimator):  # type: ignore[misc]
    """Like a target encoder, makes something else of the rows it is fitted on than of others."""

    def fit(self, X: Any, y: Any = None) -> Crosswise:
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        return np.zeros((len(X), 1))

    def transform(self, X: Any) -> Any:
        return np.ones((len(X), 1))


def _fold(asked: Any, categorical: tuple[str, ...] = (), seed: int = 0) -> FoldPreprocessor:
    return FoldPreprocessor(resolve_transformers(asked), categorical, seed)


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_a_name_is_the_scikit_learn_transformer_fitted_on_the_rows(name: str) -> None:
    oracle = TRANSFORMERS[name]()
    if name == "quantile":
        oracle.set_params(n_quantiles=40)
    expected = oracle.fit(TRAIN).transform(TEST)
    np.testing.assert_allclose(_fold(name).fit(TRAIN).transform(TEST), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        (None, 0),
        ("none", 0),
        ("impute, standardize", 2),
        (["impute", StandardScaler()], 2),
        (("minmax",), 1),
        (make_pipeline(StandardScaler(), PCA(2)), 1),
    ],
)
def test_preprocessing_may_be_asked_for_in_many_ways(asked: Any, count: int) -> None:
    assert len(resolve_transformers(asked)) == count


def test_a_misspelt_name_is_corrected() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'standardize'"):
        resolve_transformers("standardise")


@pytest.mark.parametrize(
    ("asked", "received"), [(3, "int"), (StandardScaler, "the class StandardScaler itself"), (np.log, "ufunc")]
)
def test_what_is_no_transformer_is_refused(asked: Any, received: str) -> None:
    with pytest.raises(UsageError, match=f"Received: {received}"):
        resolve_transformers(asked)


def test_the_callers_transformer_is_never_fitted() -> None:
    scaler = StandardScaler()
    FoldPreprocessor([scaler]).fit(TRAIN)
    assert not hasattr(scaler, "mean_")


def test_steps_are_fitted_on_what_the_one_before_made() -> None:
    both = _fold(["standardize", PCA(2)]).fit(TRAIN).transform(TEST)
    oracle = make_pipeline(StandardScaler(), PCA(2)).fit(TRAIN).transform(TEST)
    np.testing.assert_allclose(both, oracle, rtol=1e-5)


def test_training_rows_are_transformed_as_a_pipeline_does() -> None:
    fold = _fold(Crosswise())
    assert fold.fit_transform(TRAIN).tolist() == [[0]] * 40
    assert fold.transform(TEST).tolist() == [[1]] * 10


@pytest.mark.parametrize(
    "transformer",
    [
        GaussianRandomProjection(2),
        QuantileTransformer(n_quantiles=5, subsample=20),
        make_pipeline(StandardScaler(), GaussianRandomProjection(2)),
    ],
    ids=lambda transformer: type(transformer).__name__,
)
def test_a_transformer_that_draws_numbers_draws_those_of_its_fold(transformer: Any) -> None:
    np.random.seed(0)
    first = _fold(transformer, seed=5).fit(TRAIN).transform(TEST)
    np.random.seed(1)
    again, other = (_fold(transformer, seed=seed).fit(TRAIN).transform(TEST) for seed in (5, 6))
    assert (first == again).all()
    assert not (first == other).all()


def test_a_random_state_of_the_callers_stays() -> None:
    steps = _fold(GaussianRandomProjection(2, random_state=9), seed=5).steps
    assert steps[0].random_state == 9


def test_the_network_gets_float32() -> None:
    assert _fold("standardize").fit(TRAIN).transform(TEST).dtype == np.float32


def test_without_transformers_rows_stay_as_they_are() -> None:
    images = RNG.normal(size=(5, 4, 4, 3)).astype(np.float32)
    np.testing.assert_array_equal(_fold(None).fit_transform(images), images)


def test_categories_become_columns_beside_the_numbers() -> None:
    made = _fold("impute", ("colour",)).fit_transform(FRAME)
    # blue, red, missing, then the size with its median.
    assert made.tolist() == [[0, 1, 0, 1], [1, 0, 0, 3], [0, 0, 1, 3], [0, 1, 0, 4]]


def test_an_unseen_category_is_zeros() -> None:
    fold = _fold(None, ("colour",)).fit(FRAME.iloc[[0, 3]])
    assert fold.transform(FRAME.iloc[[0]].assign(colour="green")).tolist() == [[0, 1]]


def test_a_missing_category_that_training_lacks_is_zeros() -> None:
    fold = _fold(None, ("colour",)).fit(FRAME.iloc[[0, 3]])
    assert fold.transform(FRAME.iloc[[2]]).tolist() == [[0, 3]]


def test_a_sparse_result_is_made_dense() -> None:
    from sklearn.preprocessing import OneHotEncoder

    assert _fold(OneHotEncoder()).fit_transform(np.array([[1.0], [2.0]])).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e60])
def test_what_is_no_float32_number_is_refused_by_its_column(value: float) -> None:
    poisoned = TRAIN.copy()
    poisoned[7, 2] = value
    with pytest.raises(DataError, match="in column 2; add 'impute'"):
        _fold(None).fit(TRAIN).transform(poisoned)


def test_a_column_transformer_is_taken() -> None:
    asked = make_column_transformer((StandardScaler(), [0]), remainder="drop")
    assert _fold(asked).fit(TRAIN).transform(TEST).shape == (10, 1)


def test_a_description_tells_all_parameters() -> None:
    assert "with_mean=True" in describe_transformers([StandardScaler()])[0]


def test_other_parameters_have_another_description() -> None:
    one, other = ([FunctionTransformer(np.log1p)], [FunctionTransformer(np.sqrt)])
    assert describe_transformers(one) != describe_transformers(other)


@pytest.mark.parametrize("wrap", [lambda transformer: transformer, make_pipeline], ids=["alone", "in a pipeline"])
def test_a_column_transformer_chooses_columns_by_name(wrap: Any) -> None:
    chosen = wrap(make_column_transformer((StandardScaler(), ["b"])))
    rows = np.array([[1.0, 10.0], [1.0, 30.0]])
    scaled = FoldPreprocessor([chosen], columns=["a", "b"]).fit(rows).transform(rows)
    np.testing.assert_allclose(scaled, [[-1.0], [1.0]])


def test_a_column_transformer_encodes_what_it_wants_encoded() -> None:
    frame = pd.DataFrame({"size": [1.0, 3.0], "colour": ["red", "blue"]})
    chosen = make_column_transformer((OrdinalEncoder(), ["colour"]))
    encoded = FoldPreprocessor([chosen], ["colour"], columns=["size", "colour"]).fit(frame).transform(frame)
    assert encoded.tolist() == [[1.0], [0.0]]
