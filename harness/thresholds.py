"""From which probability on rows are called positive: a number, or chosen on each fold's inner validation part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.errors import UnknownNameError, UsageError
from harness.statistics.thresholds import CRITERIA, choose_threshold

Threshold = str | float | None
"""A criterion, a probability in (0, 1), or None: each row is of the class that is most probable."""

Choices = Mapping[str, Mapping[str, Any]]


def checked_threshold(asked: Any) -> Threshold:
    """Refuses what is no threshold.

    Raises:
        UnknownNameError: No such criterion.
        UsageError: Neither a name nor a number in (0, 1).

    Example:
        >>> checked_threshold("f1"), checked_threshold(0.3)
        ('f1', 0.3)
    """
    if asked is None:
        return None
    if isinstance(asked, str):
        if asked not in CRITERIA:
            raise UnknownNameError("criterion for threshold", asked, CRITERIA)
        return asked
    if isinstance(asked, float | np.floating) and 0 < asked < 1:
        return float(asked)
    raise UsageError(
        f"threshold is one of {', '.join(CRITERIA)}, or a number between 0 and 1. Received: {asked!r}; "
        "the default calls each row by its most probable class"
    )


def is_chosen(asked: Threshold) -> bool:
    """Whether a threshold is to be chosen by a criterion, and so needs an inner validation part."""
    return isinstance(asked, str)


def choices(truth: npt.ArrayLike, probabilities: npt.ArrayLike) -> dict[str, dict[str, Any]]:
    """What every criterion chooses: all are kept, so that to ask for another one trains nothing anew.

    Args:
        truth: (n,) whether each row of the inner validation part is positive; both classes must occur.
        probabilities: (n,) of the positive class.

    Returns:
        For each criterion threshold, criterion, value and n, as of `ThresholdChoice`.

    Example:
        >>> choices([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])["youden"]["threshold"].__round__(3)
        0.6
    """
    return {name: asdict(choose_threshold(truth, probabilities, name)) for name in CRITERIA}


def applied_threshold(asked: Threshold, found: Choices | None) -> float | None:
    """The threshold of one fold.

    Args:
        asked: What was asked for.
        found: What `choices` gave for the fold, or None where it was not asked for a choice.

    Example:
        >>> applied_threshold("f1", {"f1": {"threshold": 0.3}}), applied_threshold(0.4, None)
        (0.3, 0.4)
    """
    if not isinstance(asked, str):
        return asked
    assert found is not None, "a fold without a choice is stored under another key"
    return float(found[asked]["threshold"])


def describe_threshold(asked: Threshold, positive: Any, chosen_on: str) -> str:
    """Says in a sentence what a row's label comes from; "" where it is the most probable class.

    Args:
        asked: What was asked for.
        positive: The positive class.
        chosen_on: Which rows a criterion chooses on.

    Example:
        >>> describe_threshold(0.3, "R", "")
        "Rows are called 'R' from a probability of 0.3 on."
    """
    if asked is None:
        return ""
    if not isinstance(asked, str):
        return f"Rows are called '{positive}' from a probability of {asked:g} on."
    return (
        f"Rows are called '{positive}' from the probability on that is best by {asked} on {chosen_on}, "
        "never on test rows."
    )
