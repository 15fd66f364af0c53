"""What is stored of a run as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from harness.data.units import target_units
from harness.environment import capture
from harness.plan import Plan
from harness.statistics.cautions import interval_cautions, procedure_caution
from harness.targets import TargetCodec


def run_manifest(
    plan: Plan, codec: TargetCodec, identity: Mapping[str, Any], baseline: str, engine: str, engine_reason: str
) -> dict[str, Any]:
    """Describes a run by plain JSON values.

    Args:
        plan: What is trained, on which rows, and how it is judged.
        codec: How the model wants its targets.
        identity: What the results depend on.
        baseline: What the baseline guesses.
        engine: What trains.
        engine_reason: Why that one.
    """
    dataset, splits = plan.dataset, plan.splits
    return {
        "identity": dict(identity),
        "model": plan.subject.name,
        "dataset": dataset.name,
        "task": dataset.task,
        "n": dataset.n,
        "classes": [_plain(label) for label in dataset.classes],
        "target_names": list(dataset.target_names),
        "units": target_units(dataset),
        "scheme": splits.scheme,
        "shuffle": plan.settings.shuffle,
        "folds": splits.folds,
        "repeats": splits.repeats,
        "seeds": plan.settings.init_seeds,
        "seed": plan.seed,
        "test_ratio": splits.test_ratio,
        "train_rows": splits.train_rows,
        "test_rows": splits.test_rows,
        "epochs": plan.epochs,
        "batch_size": plan.batch_size,
        "preprocessing": identity["preprocessing"],
        "metrics": [metric.name for metric in plan.metrics],
        "custom_metrics": [metric.name for metric in plan.metrics if metric.custom],
        "threshold": plan.settings.threshold,
        "baseline": baseline,
        "codec": {**asdict(codec), "classes": None},
        "engine": engine,
        "engine_reason": engine_reason,
        "notes": [*plan.notes, procedure_caution(splits.train_rows), engine_reason],
        "warnings": [*plan.warnings, *_cautions(plan)],
        "environment": capture(),
    }


def _cautions(plan: Plan) -> list[str]:
    smallest = min(plan.dataset.class_counts.values(), default=None)
    return interval_cautions(plan.dataset.n, plan.splits.test_rows, plan.splits.repeats, smallest)


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label
