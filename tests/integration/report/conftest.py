"""Finished runs as an evaluation leaves them in the store, without having trained anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.arrays import pack
from harness.run import Run
from harness.run.kept_scores import SCORES
from harness.store import RunStore

MakeRun = Callable[..., Run]

METRICS = {
    "binary": ["accuracy", "balanced_accuracy", "roc_auc", "mcc", "log_loss"],
    "multiclass": ["accuracy", "balanced_accuracy", "mcc", "log_loss"],
    "regression": ["mae", "rmse", "r2"],
}


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture(scope="session")
def synthetic() -> Callable[..., Run]:
    """`synthetic_run`, for fixtures that outlive a test."""
    return synthetic_run


@pytest.fixture
def make_run(store: RunStore) -> MakeRun:
    """Makes a run in the store; see `synthetic_run` for its settings."""

    def make(name: str = "net_a", /, **settings: Any) -> Run:
        return synthetic_run(store, name, **settings)

    return make


def synthetic_run(
    store: RunStore,
    name: str,
    /,
    *,
    task: str = "binary",
    labels: tuple[Any, ...] = ("M", "R"),
    targets: tuple[str, ...] = ("label",),
    rows: int = 90,
    folds: int = 4,
    repeats: int = 2,
    seeds: int = 1,
    epochs: int = 12,
    skill: float = 1.0,
    failed: tuple[tuple[int, int, int], ...] = (),
    **manifest: Any,
) -> Run:
    """Writes a run whose model is as good as `skill` says: 0 guesses, 3 is nearly always right.

    What is not named here replaces entries of the manifest.
    """
    random = np.random.default_rng(sum(name.encode()))
    truth = _truth(task, rows, len(labels), len(targets))
    splits = [split for repeat in range(repeats) for split in _splits(rows, folds, repeat)]
    described = _manifest(name, task, labels, targets, rows, folds, repeats, seeds, epochs)
    run_id = f"{name}-{sum(name.encode()):08x}"
    with store.open_run(run_id, {**described, **manifest}) as open_run:
        for name, content in _attachments(task, truth, splits).items():
            open_run.attach(name, content)
        for number, (_, test) in enumerate(splits):
            for init in range(seeds):
                key = (number // folds, number % folds, init)
                if key in failed:
                    open_run.fail(key, "FoldError: the loss is not finite after epoch 3")
                    continue
                outputs = _outputs(task, truth[test], len(labels), skill, random)
                arrays = {"outputs": outputs, "rows": test, **_history(task, epochs, random)}
                record = {
                    "seconds": 1.0 + random.random(),
                    "epochs": epochs,
                    "best_epoch": int(random.integers(epochs // 2, epochs)),
                    "n_test": len(test),
                    "model_file": None,
                }
                open_run.commit(key, "-".join([run_id, *map(str, key)]), record, {"result.npz": pack(arrays)})
        run = Run(store.load(run_id))
        open_run.attach(SCORES, run.packed_scores())
        open_run.finish("failed" if failed else "finished", run.to_dict()["metrics"], 12.5)
    return Run(store.load(run_id))


def _truth(task: str, rows: int, classes: int, targets: int) -> NDArray[Any]:
    random = np.random.default_rng(0)
    if task == "regression":
        return random.normal(50, 20, (rows, targets))
    return np.asarray(random.permutation(np.arange(rows) % classes))


def _splits(rows: int, folds: int, repeat: int) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    order = np.random.default_rng(repeat).permutation(rows)
    parts = [np.sort(part) for part in np.array_split(order, folds)]
    return [(np.setdiff1d(order, part), part) for part in parts]


def _outputs(
    task: str, truth: NDArray[Any], classes: int, skill: float, random: np.random.Generator
) -> NDArray[Any]:
    if task == "regression":
        return (truth + random.normal(0, 20 / (1 + skill), truth.shape)).astype(np.float32)
    if task == "binary":
        logits = skill * (2 * truth - 1) + random.normal(0, 1, len(truth))
        return (1 / (1 + np.exp(-1.5 * logits)))[:, None].astype(np.float32)
    scores = np.exp(2 * skill * np.eye(classes)[truth] + random.normal(0, 1, (len(truth), classes)))
    return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)


def _history(task: str, epochs: int, random: np.random.Generator) -> dict[str, NDArray[Any]]:
    epoch = np.arange(epochs)
    loss = 0.3 + np.exp(-epoch / 10) + random.normal(0, 0.02, epochs)
    history = {"history/loss": loss, "history/val_loss": loss + 0.1 + 0.003 * epoch}
    if task != "regression":
        history["history/accuracy"] = 1 - 0.5 * np.exp(-epoch / 10) - random.random(epochs) * 0.05
    return history


def _attachments(task: str, truth: NDArray[Any], splits: list[Any]) -> dict[str, bytes]:
    sides = {f"{side}/{i}": split[j] for i, split in enumerate(splits) for j, side in enumerate(("train", "test"))}
    guesses = {str(i): _guess(task, truth, test) for i, (_, test) in enumerate(splits)}
    return {"splits.npz": pack(sides), "targets.npz": pack({"truth": truth}), "baseline.npz": pack(guesses)}


def _guess(task: str, truth: NDArray[Any], test: NDArray[Any]) -> NDArray[Any]:
    if task == "regression":
        return np.broadcast_to(truth.mean(axis=0), truth[test].shape)
    return np.tile(np.bincount(truth) / len(truth), (len(test), 1))


def _manifest(
    model: str,
    task: str,
    labels: tuple[Any, ...],
    targets: tuple[str, ...],
    rows: int,
    folds: int,
    repeats: int,
    seeds: int,
    epochs: int,
) -> dict[str, Any]:
    classes = [] if task == "regression" else list(labels)
    widths = [1] if task == "binary" else [len(targets) if task == "regression" else len(classes)]
    return {
        "identity": _identity(model, epochs, seeds),
        "model": model,
        "dataset": "sonar",
        "task": task,
        "n": rows,
        "classes": classes,
        "target_names": list(targets),
        "scheme": "stratified" if classes else "kfold",
        "folds": folds,
        "repeats": repeats,
        "seeds": seeds,
        "seed": 7,
        "test_ratio": 1 / (folds - 1),
        "epochs": epochs,
        "batch_size": 16,
        "preprocessing": ["StandardScaler(copy=True, with_mean=True, with_std=True)"],
        "metrics": METRICS[task],
        "custom_metrics": [],
        "baseline": "prior" if classes else "mean",
        "codec": {"task": task, "classes": None, "one_hot": False, "from_logits": False, "widths": widths},
        "engine": "fit",
        "engine_reason": "The fit engine trains fold by fold.",
        "notes": ["Describes the training procedure on 80% of the rows, not one saved model."],
        "warnings": ["duplicate_rows: 3 rows repeat others; keep them together with --groups duplicates"],
        "environment": {"harness": "0.1.0", "python": "3.11.7", "packages": {"keras": "3.15.1"}},
    }


def _identity(model: str, epochs: int, seeds: int) -> dict[str, Any]:
    return {
        "model": model,
        "arguments": {"rate": "0.2"},
        "data_sha256": "d" * 64,
        "splits_sha256": "5" * 64,
        "groups_sha256": None,
        "preprocessing": ["StandardScaler(copy=True, with_mean=True, with_std=True)"],
        "epochs": epochs,
        "batch_size": 16,
        "seed": 7,
        "init_seeds": seeds,
        "inner_val": 0.0,
        "early_stopping": None,
        "checkpoint": "last",
        "class_weight": "None",
        "callbacks": [],
        "engine": "fit",
        "versions": {"harness": "0.1.0", "keras": "3.15.1"},
    }
