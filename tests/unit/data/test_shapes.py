"""Drawn pictures: learnable by their outline, and by nothing simpler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from harness.data import load_dataset
from harness.data.shapes import KINDS, shapes
from harness.errors import DataError


def test_pictures_are_whole_levels_of_red_green_and_blue() -> None:
    X, y = shapes(n_samples=12, image_size=(16, 24))
    assert (X.shape, X.dtype, y.shape) == ((12, 16, 24, 3), np.float32, (12,))
    assert (X.min() >= 0, X.max() <= 255, (np.rint(X) == X).all()) == (True, True, True)
    assert {kind: int((y == kind).sum()) for kind in KINDS} == dict.fromkeys(KINDS, 4)


def test_they_depend_on_the_seed_alone() -> None:
    np.testing.assert_array_equal(shapes(n_samples=6, seed=1)[0], shapes(n_samples=6, seed=1)[0])
    assert (shapes(n_samples=6, seed=1)[0] != shapes(n_samples=6, seed=2)[0]).any()


def test_the_kinds_have_the_same_areas() -> None:
    X, y = shapes(n_samples=600, noise=0.0)
    brightness = X.max(axis=-1).mean(axis=(1, 2))
    means = [brightness[y == kind].mean() for kind in KINDS]
    assert np.ptp(means) < 0.06 * np.mean(means)


def test_noise_has_the_standard_deviation_asked_for() -> None:
    clean, noisy = (shapes(n_samples=30, noise=noise, seed=3) for noise in (0.0, 5.0))
    middle = (clean[0] > 40) & (clean[0] < 215)
    # Pictures are drawn before the noise, from the same numbers.
    assert (noisy[0] - clean[0])[middle].std() == pytest.approx(5, rel=0.05)


def test_a_template_of_the_outline_tells_circles_from_triangles_only_in_part() -> None:
    """Weak models do better than guessing at best, and far from well."""
    data = load_dataset("shapes")
    X = np.asarray(data.X).reshape(data.n, -1)
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3))
    for model in (linear, RandomForestClassifier(50, random_state=0)):
        assert cross_val_score(model, X, data.y, cv=3).mean() < 0.7


@pytest.mark.parametrize(
    ("arguments", "reason"), [({"n_samples": 10}, "a multiple of 3"), ({"image_size": (4, 32)}, "8 or more")]
)
def test_arguments_out_of_range_are_refused(arguments: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        shapes(**arguments)


def test_the_data_set_is_drawn_at_the_size_asked_for() -> None:
    assert load_dataset("shapes", image_size=(16, 20)).input_shape == (16, 20, 3)
    assert load_dataset("shapes", default_image_size=(16, 20)).input_shape == (32, 32, 3)
    with pytest.raises(DataError, match="image_size is 8 or more"):
        load_dataset("shapes", image_size=(2, 2))


@pytest.mark.parametrize("name", ["sonar", "linear", "digits"])
def test_data_without_images_have_no_size(name: str) -> None:
    with pytest.raises(DataError, match="holds no images to resize"):
        load_dataset(name, image_size=(8, 8))
