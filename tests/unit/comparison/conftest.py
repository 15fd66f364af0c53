"""Finished runs without training: stored as `evaluate` stores them, with predictions of known skill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from harness.arrays import pack
from harness.cli._errors import State
from harness.cli.compare import command
from harness.resampling import Resampling
from harness.run import Run, load_run
from harness.store import RunStore
from harness.targets import TargetCodec

MakeRun = Callable[..., Run]


def _right_or_wrong(right: Any, truth: Any) -> Any:
    return np.where(right, truth, 1 - truth)


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Stores a run under `tmp_path / "runs"` whose predictions are right with probability `skill`."""
    store = RunStore(tmp_path / "runs")

    def make(
        model: str = "net",
        *,
        skill: float = 0.8,
        dataset: str = "rows",
        n: int = 60,
        folds: int = 5,
        repeats: int = 1,
        seeds: int = 1,
        seed: int = 0,
        data: str = "d0",
        failed: int = 0,
        groups: str | None = None,
        arguments: dict[str, str] | None = None,
        same_as: Run | None = None,
        metrics: tuple[str, ...] = ("accuracy",),
        identity: dict[str, Any] | None = None,
        predict: Callable[[Any, Any], Any] = _right_or_wrong,
    ) -> Run:
        truth = np.arange(n) % 2
        splits = Resampling("stratified", folds=folds, repeats=repeats, seed=seed).split(truth, "binary")
        codec = TargetCodec("binary", (0, 1), one_hot=False, from_logits=False, widths=(1,))
        rng = np.random.default_rng([seed, *model.encode(), *dataset.encode(), round(1000 * skill)])
        manifest = {
            "identity": {
                "model": model,
                "arguments": arguments or {},
                "data_sha256": data,
                "splits_sha256": splits.fingerprint(f"{data}{groups}"),
                "groups_sha256": groups,
                "skill": skill,
                **(identity or {}),
            },
            "model": model,
            "dataset": dataset,
            "task": "binary",
            "n": n,
            "classes": [0, 1],
            "target_names": ["class"],
            "scheme": "stratified",
            "folds": folds,
            "repeats": repeats,
            "seeds": seeds,
            "seed": seed,
            "test_ratio": splits.test_ratio,
            "train_rows": splits.train_rows,
            "test_rows": splits.test_rows,
            "epochs": 1,
            "metrics": list(metrics),
            "custom_metrics": [],
            "baseline": "prior",
            "codec": {**asdict(codec), "classes": None},
            "engine": "fit",
            "notes": [],
            "warnings": [],
        }
        run_id = f"{model.strip('<>')}-{dataset}-{len(store.list_runs())}"
        with store.open_run(run_id, manifest) as open_run:
            open_run.attach("splits.npz", pack({f"test/{i}": split.test for i, split in enumerate(splits)}))
            open_run.attach("targets.npz", pack({"truth": truth}))
            guesses = {str(i): np.full((len(split.test), 2), 0.5) for i, split in enumerate(splits)}
            open_run.attach("baseline.npz", pack(guesses))
            keys = [(split, init) for split in splits for init in range(seeds)]
            for number, (split, init) in enumerate(keys):
                key = (split.repeat, split.fold, init)
                if number < failed:
                    open_run.fail(key, "ValueError: told to fail")
                    continue
                right = rng.uniform(size=len(split.test)) < skill
                outputs = predict(right, truth[split.test])[:, None].astype(float)
                content = pack({"outputs": outputs, "rows": split.test})
                record: dict[str, Any] = {"seconds": 0.1, "model_file": None}
                unique_key = "-".join([run_id, *map(str, key)])
                open_run.commit(key, unique_key, record, {"result.npz": content})
            open_run.finish("finished", {}, 1.0)
        return load_run(run_id, store)

    return make


@pytest.fixture
def harness_compare(tmp_path: Path) -> Callable[..., Result]:
    """Runs the command on the store of `make_run`."""

    def run(*arguments: str) -> Result:
        command_line = [*arguments, "--store", str(tmp_path / "runs")]
        return CliRunner().invoke(command, command_line, obj=State(), standalone_mode=False)

    return run
