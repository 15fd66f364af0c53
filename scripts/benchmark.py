#!/usr/bin/env python
"""Times the evaluation of zoo models three ways, side by side on this machine.

    python scripts/benchmark.py                                   # sonar_baseline, 10 folds, 3 runs each
    python scripts/benchmark.py sonar_baseline multi_output_mlp --repeats 3
    python scripts/benchmark.py --full                            # the tutorial loop on every fold, not on one
    python scripts/benchmark.py sonar_dropout --curves curves.svg # time against folds and against rows

The three ways: the loop of the tutorials (a new model, `model.fit` and `model.evaluate` for each fold), timed on
one fold and multiplied unless `--full`; scikit-learn's MLPClassifier or MLPRegressor under
`cross_val_score(n_jobs=2)`, where it has the model's layers; and `harness.evaluate` with the vectorized engine,
compilation, checkpoint-free storage and metrics included. Each is timed in a process of its own, so that nothing
is compiled or cached beforehand; imports are counted apart. "Again" is `harness.evaluate` in another process that
finds the compiled program which an earlier one has kept.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

FOLDS_ON_CURVE = (10, 20, 40, 80, 160, 320, 640)
ROWS_ON_CURVE = (200, 800, 3_200, 12_800, 51_200)
SECONDS_ON_CURVE = (1, 2, 5, 10, 20, 50, 100)
SEED = 7


def tutorial(name: str, folds: int, repeats: int, epochs: int, timed: int | None = 1) -> float:
    """Seconds of the tutorials' loop; `timed` folds are timed and the others assumed to take as long."""
    from sklearn.preprocessing import StandardScaler

    import zoo

    x, y, splits = _data(name, folds, repeats)
    spec = zoo.get_spec(name)
    started = time.perf_counter()
    for train, test in splits[:timed]:
        scaler = StandardScaler(with_mean=bool(spec.preprocessing), with_std=bool(spec.preprocessing)).fit(
            x[train]
        )
        model = zoo.create_model(name, input_shape=x.shape[1:])
        model.fit(scaler.transform(x[train]), y[train], epochs=epochs, batch_size=spec.batch_size, verbose=0)
        model.evaluate(scaler.transform(x[test]), y[test], verbose=0)
    return (time.perf_counter() - started) * len(splits) / len(splits[:timed])


def sklearn(name: str, folds: int, repeats: int, epochs: int) -> float:
    """Seconds of scikit-learn's perceptron of the same layers, solver and rate, in two processes."""
    import keras
    from sklearn.model_selection import cross_val_score
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    import zoo

    x, y, splits = _data(name, folds, repeats)
    spec, model = zoo.get_spec(name), zoo.create_model(name, input_shape=x.shape[1:])
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    if len(dense) != len([layer for layer in model.layers if layer.weights or "dropout" in layer.name]):
        return float("nan")
    optimizer = model.optimizer.get_config()
    perceptron = (MLPRegressor if "regression" in spec.tasks else MLPClassifier)(
        hidden_layer_sizes=[layer.units for layer in dense[:-1]],
        solver=model.optimizer.name,
        learning_rate_init=float(optimizer["learning_rate"]),
        momentum=float(optimizer.get("momentum", 0.0)),
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=spec.batch_size,
        max_iter=epochs,
        n_iter_no_change=epochs,
        tol=0.0,
        random_state=SEED,
    )
    pipeline = make_pipeline(*([StandardScaler()] if spec.preprocessing else []), perceptron)
    started = time.perf_counter()
    cross_val_score(pipeline, x, y.ravel() if y.shape[1] == 1 else y, cv=splits, n_jobs=2)
    return time.perf_counter() - started


def ours(name: str, folds: int, repeats: int, epochs: int, rows: int | None = None) -> float:
    """Seconds of `harness.evaluate`, on made data if a number of rows is given."""
    import sklearn.datasets
    import sklearn.dummy
    import sklearn.metrics
    import sklearn.model_selection
    import sklearn.preprocessing  # noqa: F401

    import harness.engines.vectorized.engine
    import harness.pipeline

    data: dict[str, Any] = {}
    if rows is not None:
        generator = np.random.default_rng(SEED)
        data["X"] = generator.normal(size=(rows, 60)).astype(np.float32)
        data["y"] = np.where(data["X"][:, 0] * data["X"][:, 1] > 0, "above", "below")
    with tempfile.TemporaryDirectory() as store:
        started = time.perf_counter()
        harness.evaluate(
            name,
            **data,
            folds=folds,
            repeats=repeats,
            epochs=epochs,
            seed=SEED,
            checkpoint="none",
            engine="vectorized",
            store=store,
        )
        return time.perf_counter() - started


WAYS: dict[str, Callable[..., float]] = {"tutorial": tutorial, "sklearn": sklearn, "ours": ours, "again": ours}


def _data(name: str, folds: int, repeats: int) -> tuple[Any, Any, list[tuple[Any, Any]]]:
    """Features, targets as the network wants them, and the splits."""
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    import harness
    import zoo

    data = harness.load_dataset(zoo.get_spec(name).dataset)
    x = np.asarray(data.X, dtype=np.float32)
    regression = data.task == "regression"
    y = data.y.reshape(len(x), -1) if regression else np.searchsorted(data.classes, data.y)[:, None]
    kind = RepeatedKFold if regression else RepeatedStratifiedKFold
    splits = kind(n_splits=folds, n_repeats=repeats, random_state=SEED).split(x, y if regression else y.ravel())
    return x, y.astype(np.float32), list(splits)


def _measure(way: str, *, programs: str = "off", **arguments: Any) -> dict[str, Any]:
    """Times one way in a new process: seconds, seconds of importing, peak memory in MB, and the device."""
    command = [sys.executable, __file__, "--measure", json.dumps({"way": way, **arguments})]
    environment = {**os.environ, "HARNESS_PROGRAM_CACHE": programs}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or our modules alone would be compiled each time
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        sys.exit(f"{way} of {arguments['name']} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _measured(request: dict[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    from harness import xla

    if request["way"] in ("ours", "again"):
        xla.set_up()
    import keras  # noqa: F401

    import harness  # noqa: F401

    importing = time.perf_counter() - started
    seconds = WAYS[request.pop("way")](**request)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "importing": importing, "peak": peak, "device": _device()}


def _device() -> str:
    """What has computed; asked in this process, for one that asks holds a GPU's memory from then on."""
    import harness.backend

    kind = harness.backend.device()
    if kind == "cpu" or "jax" not in sys.modules:
        return kind
    return str(sys.modules["jax"].devices()[0].device_kind)


def _compare(name: str, options: argparse.Namespace) -> dict[str, Any]:
    import zoo

    epochs = options.epochs or zoo.get_spec(name).epochs
    task = {"name": name, "folds": options.folds, "repeats": options.repeats, "epochs": epochs}
    row: dict[str, Any] = dict(task)
    for way in WAYS:
        extra = {"timed": None if options.full else 1} if way == "tutorial" else {}
        with tempfile.TemporaryDirectory() as folder:
            programs = folder if way == "again" else "off"
            if way == "again":
                _measure(way, programs=programs, **task)
            runs = [_measure(way, programs=programs, **task, **extra) for _ in range(options.runs)]
        row[way] = statistics.median(run["seconds"] for run in runs)
        if way == "ours":
            row["importing"] = statistics.median(run["importing"] for run in runs)
            row["peak"] = max(run["peak"] for run in runs)
            row["device"] = runs[0]["device"]
    return row


def _print_table(rows: Sequence[dict[str, Any]], full: bool) -> None:
    print(f"\n{_machine()}, computed by {rows[0]['device']}\n")
    note = "" if full else " (one fold × folds)"
    print(
        f"| model | folds | epochs | tutorial loop{note} | scikit-learn | ours | again "
        "| ratios of ours | peak memory | import |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        ratios = f"{_said(row['tutorial'] / row['ours'], '×')} and {_said(row['sklearn'] / row['ours'], '×')}"
        seconds = " | ".join(_said(row[way], " s") for way in WAYS)
        print(
            f"| {row['name']} | {row['folds']} × {row['repeats']} | {row['epochs']} | {seconds} | {ratios} "
            f"| {row['peak']:.0f} MB | {row['importing']:.1f} s |"
        )


def _said(number: float, unit: str) -> str:
    """The number with its unit, or a dash where there is none."""
    return "–" if math.isnan(number) else f"{number:.1f}{unit}"


def _machine() -> str:
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    packages = ", ".join(f"{name} {version(name)}" for name in (backend, "keras", "scikit-learn", "numpy"))
    threads = len(os.sched_getaffinity(0))
    return f"{platform.machine()}, {threads} processors, Python {platform.python_version()}, {packages}"


def _draw_curves(name: str, epochs: int, runs: int, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    curves = {
        "folds": (FOLDS_ON_CURVE, [{"folds": 10, "repeats": number // 10} for number in FOLDS_ON_CURVE]),
        "rows": (ROWS_ON_CURVE, [{"folds": 10, "repeats": 1, "rows": number} for number in ROWS_ON_CURVE]),
    }
    for axis, (label, (numbers, tasks)) in zip(axes, curves.items(), strict=True):
        # One series after the other, so that the machine's changes of speed do not bend the curve.
        series = [
            [_measure("ours", name=name, epochs=epochs, **task)["seconds"] for task in tasks] for _ in range(runs)
        ]
        seconds = np.median(series, axis=0)
        axis.loglog(numbers, seconds, "o-", color="#4477aa")
        axis.set_xticks(numbers, [f"{number:,}" for number in numbers])
        axis.set_yticks(SECONDS_ON_CURVE, [str(number) for number in SECONDS_ON_CURVE])
        axis.minorticks_off()
        axis.set_ylim(0.8 * min(seconds), 1.25 * max(seconds))
        axis.set(xlabel=label, ylabel="seconds, compilation included", title=f"{name}, {epochs} epochs")
        print(label, dict(zip(numbers, np.round(seconds, 2).tolist(), strict=True)))
    figure.savefig(path)


def main() -> None:
    """Reads the command line and prints a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", default=["sonar_baseline"], help="models of the zoo")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="default: the model's own")
    parser.add_argument("--runs", type=int, default=3, help="take the median of so many runs")
    parser.add_argument("--full", action="store_true", help="time the tutorial loop on every fold")
    parser.add_argument("--json", type=Path, help="write the figures to a file, too")
    parser.add_argument("--curves", type=Path, help="draw time against folds and rows instead of comparing")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(_measured(json.loads(options.measure))))
        return
    if options.curves:
        _draw_curves(options.names[0], options.epochs or 20, options.runs, options.curves)
        return
    rows = [_compare(name, options) for name in options.names]
    _print_table(rows, options.full)
    if options.json:
        options.json.write_text(json.dumps({"machine": _machine(), "rows": rows}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
