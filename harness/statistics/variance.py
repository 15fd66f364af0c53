"""Where the spread of scores comes from: shares of the seed, the fold and the repeat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class VarianceComponents:
    """Variances of a nested design, repeats over folds over seeds; of hold-outs, splits over seeds.

    Attributes:
        seed: Of trainings on one split; None where each split was trained once, and `fold` or `split` then
            contains it.
        fold: Of folds within a repeat; None for hold-outs.
        repeat: Of repeats beyond what their folds explain; None for one repeat, and for hold-outs.
        truncated: Names of those whose estimate was negative and is given as 0.
        split: Of hold-outs, each drawn by itself; None for a single one, and where there are folds.
    """

    seed: float | None
    fold: float | None
    repeat: float | None
    truncated: tuple[str, ...] = ()
    split: float | None = None

    @property
    def named(self) -> dict[str, float]:
        """Those that could be estimated, by name: seed, then fold and repeat, or split."""
        found = {name: getattr(self, name) for name in ("seed", "fold", "repeat", "split")}
        return {name: variance for name, variance in found.items() if variance is not None}


def variance_components(scores: npt.ArrayLike) -> VarianceComponents:
    """Estimates the variances of a balanced nested design by its mean squares.

    `σ²_seed = MS_E`, `σ²_fold = (MS_F - MS_E) / S`, `σ²_repeat = (MS_R - MS_F) / (kS)` for k folds and S seeds;
    negative estimates become 0. A repeat of a single fold is a hold-out, drawn by itself: its repeats are the
    splits, and `σ²_split` is estimated as `σ²_fold` is.

    Args:
        scores: (repeats, folds, seeds) scores, all finite.

    Source: Searle, Casella & McCulloch, Variance Components (1992), chapter 3.

    Example:
        >>> parts = variance_components([[[0.80, 0.82], [0.78, 0.80]], [[0.84, 0.82], [0.86, 0.88]]])
        >>> round(parts.seed, 7), round(parts.fold, 7), round(parts.repeat, 7)
        (0.0002, 0.0004, 0.001)
    """
    values = np.asarray(scores, dtype=np.float64)
    holdout = values.shape[1] == 1
    if holdout:
        values = values.swapaxes(0, 1)
    repeats, folds, seeds = values.shape
    by_fold, by_repeat = values.mean(axis=2), values.mean(axis=(1, 2))
    within_folds = float(values.var(axis=2, ddof=1).mean()) if seeds > 1 else None
    within_repeats = float(seeds * by_fold.var(axis=1, ddof=1).mean()) if folds > 1 else None
    between_repeats = float(folds * seeds * by_repeat.var(ddof=1)) if repeats > 1 else None
    estimates = {
        "seed": within_folds,
        "split" if holdout else "fold": _excess(within_repeats, within_folds, seeds),
        "repeat": _excess(between_repeats, within_repeats, folds * seeds),
    }
    parts = {name: None if value is None else max(value, 0.0) for name, value in estimates.items()}
    return VarianceComponents(
        **{"fold": None, **parts},
        truncated=tuple(name for name, value in estimates.items() if value is not None and value < 0),
    )


def _excess(square: float | None, below: float | None, divisor: int) -> float | None:
    """What a mean square has beyond the one below it, or all of it where there is none below."""
    return None if square is None else (square - (below or 0.0)) / divisor
