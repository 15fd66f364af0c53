"""Which runs may be compared fold by fold, and what keeps the others apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.comparison.evidence import manifest_of
from harness.errors import UsageError
from harness.run import Run

_PROTOCOL = (("scheme", "scheme"), ("folds", "folds"), ("repeats", "repeats"), ("seed", "seed"))


def check_same_folds(runs: Sequence[Run]) -> None:
    """Refuses runs on one data set whose models were not judged on the same rows.

    Args:
        runs: At least one run.

    Raises:
        UsageError: The split fingerprints differ; the message says how.
    """
    first = runs[0]
    for other in runs[1:]:
        if _fingerprint(first) != _fingerprint(other):
            how = describe_difference(first, other)
            raise UsageError(
                f"Runs {first.id} and {other.id} were not judged on the same folds: {how}. "
                "Evaluate both with the same data, folds, repeats and seed"
            )


def describe_difference(first: Run, second: Run) -> str:
    """Says how the splits of two runs differ."""
    left, right = manifest_of(first), manifest_of(second)
    differences = [*_data(left, right), *_protocol(left, right), *_groups(left, right)]
    return (
        "; ".join(differences) or "the row numbers of the folds differ (another shuffling, or splits of their own)"
    )


def _fingerprint(run: Run) -> str:
    return str(manifest_of(run)["identity"]["splits_sha256"])


def _data(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    if left["dataset"] != right["dataset"] or left["n"] != right["n"]:
        sides = (f"{side['dataset']} ({side['n']} rows)" for side in (left, right))
        return [f"data {' and '.join(sides)}"]
    if left["identity"]["data_sha256"] != right["identity"]["data_sha256"]:
        return [f"the content of {left['dataset']} changed between them"]
    return []


def _protocol(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    differences = [f"{word} {left[key]} and {right[key]}" for key, word in _PROTOCOL if left[key] != right[key]]
    same_sizes = abs(left["test_ratio"] - right["test_ratio"]) < 1e-9
    if not differences and not same_sizes:
        shares = (f"{ratio / (1 + ratio):.0%}" for ratio in (left["test_ratio"], right["test_ratio"]))
        return [f"test shares {' and '.join(shares)}"]
    return differences


def _groups(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    groups = [side["identity"]["groups_sha256"] for side in (left, right)]
    if groups[0] == groups[1]:
        return []
    if None in groups:
        return [
            f"groups {'none' if groups[0] is None else 'given'} and {'none' if groups[1] is None else 'given'}"
        ]
    return ["the groups differ"]
