"""Whether probabilities mean what they say: reliability bins and the parts of the Brier score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.statistics.intervals import Interval, wilson

Binning = Literal["uniform", "quantile"]


@dataclass(frozen=True)
class ReliabilityBin:
    """Rows whose probabilities lie together.

    Attributes:
        low: Least probability of the bin.
        high: Greatest probability of the bin.
        count: Rows in it.
        predicted: Mean probability that was predicted.
        observed: Share of them that are positive.
        interval: Wilson interval of that share.
    """

    low: float
    high: float
    count: int
    predicted: float
    observed: float
    interval: Interval


@dataclass(frozen=True)
class BrierParts:
    """The Brier score taken apart: `score = reliability - resolution + uncertainty + within_bins`.

    Attributes:
        score: Mean squared difference of probability and outcome; the less the better.
        reliability: How far bins lie from the diagonal; 0 is perfect calibration.
        resolution: How far the bins' shares lie from the overall share; the more the better.
        uncertainty: Variance of the outcome, `p(1-p)`: the score of always predicting the overall share.
        within_bins: What comes of different probabilities sharing a bin.
        calibration_error: Mean distance of bins from the diagonal, weighted by rows (ECE).
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float
    calibration_error: float


def reliability_bins(
    truth: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    bins: int = 10,
    binning: Binning = "uniform",
    level: float = 0.95,
) -> list[ReliabilityBin]:
    """Groups rows by predicted probability and compares it with what happened: points of a reliability diagram.

    Args:
        truth: (n,) whether each row is positive.
        probabilities: (n,) predicted probabilities, in [0, 1].
        bins: At most so many.
        binning: "uniform" bins are equally wide, "quantile" bins hold about as many rows each.
        level: Nominal coverage of the intervals.

    Returns:
        The bins that hold rows, from low to high.

    Source: DeGroot & Fienberg, The Statistician 32 (1983).

    Example:
        >>> bins = reliability_bins([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], bins=2)
        >>> [(each.count, round(each.predicted, 2), each.observed) for each in bins]
        [(2, 0.15, 0.0), (2, 0.8, 1.0)]
    """
    outcome, values = np.asarray(truth, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    member = _members(values, bins, binning)
    return [_bin(outcome[member == code], values[member == code], level) for code in np.unique(member)]


def brier_parts(
    truth: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = 10, binning: Binning = "uniform"
) -> BrierParts:
    """Murphy's decomposition of the Brier score.

    With `n_b` rows, mean probability `f_b` and positive share `o_b` in bin b, and overall share `o`:
    `reliability = Σ n_b (f_b - o_b)² / n`, `resolution = Σ n_b (o_b - o)² / n`, `uncertainty = o (1 - o)`.

    Args:
        truth: (n,) whether each row is positive.
        probabilities: (n,) predicted probabilities, in [0, 1].
        bins: At most so many.
        binning: As of `reliability_bins`.

    Source: Murphy, Journal of Applied Meteorology 12 (1973); the last part: Stephenson, Coelho & Jolliffe,
    Weather and Forecasting 23 (2008).

    Example:
        >>> parts = brier_parts([0, 0, 1, 1], [0.25, 0.25, 0.75, 0.75])
        >>> parts.score, parts.reliability, parts.resolution, parts.uncertainty
        (0.0625, 0.0625, 0.25, 0.25)
    """
    outcome, values = np.asarray(truth, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    found = reliability_bins(truth, probabilities, bins, binning)
    weights = np.array([each.count for each in found]) / len(values)
    predicted, observed = (np.array([getattr(each, name) for each in found]) for name in ("predicted", "observed"))
    share, score = float(outcome.mean()), float(((values - outcome) ** 2).mean())
    reliability = float(weights @ (predicted - observed) ** 2)
    resolution = float(weights @ (observed - share) ** 2)
    uncertainty = share * (1 - share)
    return BrierParts(
        score=score,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within_bins=score - (reliability - resolution + uncertainty),
        calibration_error=float(weights @ np.abs(predicted - observed)),
    )


def _members(values: npt.NDArray[np.float64], bins: int, binning: Binning) -> npt.NDArray[np.int64]:
    if binning == "quantile":
        edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)))[1:-1]
    else:
        edges = np.linspace(0, 1, bins + 1)[1:-1]
    return np.searchsorted(edges, values, side="right").astype(np.int64)


def _bin(outcome: npt.NDArray[np.float64], values: npt.NDArray[np.float64], level: float) -> ReliabilityBin:
    return ReliabilityBin(
        low=float(values.min()),
        high=float(values.max()),
        count=len(values),
        predicted=float(values.mean()),
        observed=float(outcome.mean()),
        interval=wilson(int(outcome.sum()), len(outcome), level),
    )
