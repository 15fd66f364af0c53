"""The one line that answers "how good is it": mean, interval, spread, baseline.

The interval and the spread are never written as a bare "±": each number says what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.report.numbers import (
    decimals_for,
    format_interval,
    format_level,
    format_number,
    format_seconds,
    interval_decimals,
    spread_decimals,
)

_ROUNDING = 1e-12
_MANY_REPEATS = 1000


def summary_line(run: Mapping[str, Any], metric: str | None = None) -> str:
    """Sums up one metric of a run.

    Args:
        run: The JSON object of a run, as `Run.to_dict` gives it.
        metric: Name of the metric; the run's first by default.

    Returns:
        One line. A run with failed folds gets no mean: it would be the mean of other folds than those asked for.

    Example:
        >>> run = {"n": 208, "folds": 5, "repeats": 10, "seeds": 1, "n_failed": 0,
        ...        "baseline": {"strategy": "prior", "metrics": {"accuracy": {"mean": 0.5337, "sd": 0.01}}},
        ...        "metrics": {"accuracy": {"mean": 0.8421, "sd": 0.041, "ci": [0.7921, 0.8917],
        ...                                 "ci_level": 0.95, "ci_method": "corrected resampled t",
        ...                                 "range": [0.0, 1.0], "scores": [0.84]}}}
        >>> print(summary_line(run))
        accuracy 0.842 (95% CI 0.79-0.89, corrected for fold overlap) | fold SD 0.041 | n=208, 5×10, baseline 0.53
    """
    name = metric or next(iter(run["metrics"]))
    entry = run["metrics"][name]
    if (reason := why_no_mean(run, entry)) is not None:
        return f"{name}: no mean, {reason} | {_sizes(run)}"
    decimals = decimals_for(entry["mean"], fold_sd(entry))
    interval = clipped_interval(entry)
    headline = f"{name} {format_number(entry['mean'], decimals)}{_interval(entry, interval)}"
    coarse = decimals if interval is None else min(decimals, interval_decimals(*interval))
    baseline = _baseline(run, name, coarse)
    return " | ".join([headline, *_spreads(entry, decimals), _sizes(run) + baseline])


def why_no_mean(run: Mapping[str, Any], entry: Mapping[str, Any]) -> str | None:
    """Says why a metric has no headline mean, or None where it has one."""
    if run["n_failed"]:
        return f"{fold_count(run)} finished"
    if entry["mean"] is not None:
        return None
    undefined = sum(score is None for score in entry["scores"])
    return f"undefined on {undefined} of {len(entry['scores'])} folds"


def repeats_sentence(run: Mapping[str, Any]) -> str | None:
    """Says whether the run's repeats are enough; None for a single one.

    Example:
        >>> check = {"metric": "accuracy", "error": 0.012, "limit": 0.004, "enough": False, "needed": 27}
        >>> repeats_sentence({"enough_repeats": check}).split(", ")[0]
        'More repeats would still help: the re-split/re-seed error of accuracy is ±0.012'
    """
    check = run.get("enough_repeats")
    if check is None:
        return None
    error = f"the re-split/re-seed error of {check['metric']} is ±{check['error']:.2g}"
    if check["enough"]:
        return f"Enough repeats: {error}, below a tenth of the interval's half-width."
    repeats = f"about {check['needed']}" if check["needed"] <= _MANY_REPEATS else f"more than {_MANY_REPEATS}"
    return (
        f"More repeats would still help: {error}, and below a tenth of the interval's half-width from {repeats} "
        "repeats on."
    )


def fold_count(run: Mapping[str, Any]) -> str:
    """Counts what was trained: "10 folds", or "4/5 folds" where some failed; "trainings" with several seeds."""
    total = run["folds"] * run["repeats"] * run["seeds"]
    unit = "folds" if run["seeds"] == 1 else "trainings"
    if run["n_failed"]:
        return f"{total - run['n_failed']}/{total} {unit}"
    return f"{total} {unit}" if total != 1 else "1 fold"


def folds_cell(run: Mapping[str, Any]) -> str:
    """The same for a column of folds: "10", "4/5" where some failed, "10 × 2 seeds" with several.

    Example:
        >>> folds_cell({"folds": 5, "repeats": 2, "seeds": 2, "n_failed": 0})
        '10 × 2 seeds'
    """
    if run["n_failed"] or run["seeds"] == 1:
        return fold_count(run).partition(" ")[0]
    return f"{run['folds'] * run['repeats']} × {run['seeds']} seeds"


def run_title(run: Mapping[str, Any]) -> str:
    """Names a run in one line: the model, its data, how it was judged, and how long that took."""
    count = f"{run['n']} rows, {fold_count(run)}"
    return f"{run['model']} on {run['dataset']} ({count}, {run['scheme']}, {format_seconds(run['seconds'])})"


def interval_label(entry: Mapping[str, Any]) -> str:
    """Names the interval of a metric by its level, such as "95% CI"."""
    return f"{format_level(entry['ci_level'])} CI"


def clipped_interval(entry: Mapping[str, Any]) -> tuple[float, float] | None:
    """Cuts a metric's interval to the range that the metric declares: for display only, the run keeps it as it is.

    Args:
        entry: What the run says of the metric; a bound of its range is None where there is none.

    Returns:
        Both bounds, or None where there is no interval.

    Example:
        >>> clipped_interval({"ci": [0.97, 1.01], "range": [0.0, 1.0]})
        (0.97, 1.0)
    """
    if entry["ci"] is None:
        return None
    low, high = entry["ci"]
    least, most = entry["range"]
    return low if least is None else max(low, least), high if most is None else min(high, most)


def fold_sd(entry: Mapping[str, Any]) -> float | None:
    """The standard deviation over folds, seeds on one split averaged before; None for a single fold."""
    sd: float | None = entry.get("fold_sd", entry.get("sd"))
    if sd is not None and entry["mean"] is not None and sd < _ROUNDING * abs(entry["mean"]):
        return 0.0  # equal scores whose mean is not quite any of them
    return sd


def _interval(entry: Mapping[str, Any], interval: tuple[float, float] | None) -> str:
    if interval is None:
        return ""
    return f" ({interval_label(entry)} {format_interval(interval)}, {describe_method(entry['ci_method'])})"


def describe_method(method: str) -> str:
    """Says in words how an interval was made.

    Example:
        >>> describe_method("corrected resampled t"), describe_method("conservative resampled t")
        ('corrected for fold overlap', 'conservative, corrected for fold overlap')
        >>> describe_method("uncorrected_z")
        'uncorrected z'
    """
    if method.endswith("resampled t"):
        return f"{'conservative, ' if method.startswith('conservative') else ''}corrected for fold overlap"
    return method.replace("_", " ")


def _spreads(entry: Mapping[str, Any], decimals: int) -> list[str]:
    """The parts of the line on where the spread comes from, as far as they could be estimated."""
    named = (
        ("pooled over folds ", entry.get("pooled")),
        ("fold SD ", fold_sd(entry)),
        ("re-split/re-seed error ±", entry.get("repeat_se")),
        ("seed SD ", entry.get("seed_sd")),
    )
    return [
        f"{label}{format_number(value, spread_decimals(value, decimals))}"
        for label, value in named
        if value is not None
    ]


def _sizes(run: Mapping[str, Any]) -> str:
    seeds = f"×{run['seeds']} seeds" if run["seeds"] > 1 else ""
    return f"n={run['n']}, {run['folds']}×{run['repeats']}{seeds}"


def _baseline(run: Mapping[str, Any], name: str, decimals: int) -> str:
    mean = run["baseline"]["metrics"].get(name, {}).get("mean")
    return "" if mean is None else f", baseline {format_number(mean, decimals)}"
