"""The command that makes a run again."""

from __future__ import annotations

import ast
import math
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import zoo

_TRANSFORMERS = {
    "MinMaxScaler(clip=False, copy=True, feature_range=(0, 1))": "minmax",
    "PowerTransformer(copy=True, method='yeo-johnson', standardize=True)": "power",
    "MeanImage()": "mean_image",
    "QuantileTransformer(copy=True, ignore_implicit_zeros=False, n_quantiles=1000, "
    "output_distribution='uniform', random_state=None, subsample=10000)": "quantile",
    "RobustScaler(copy=True, quantile_range=(25.0, 75.0), unit_variance=False, with_centering=True, "
    "with_scaling=True)": "robust",
    "SimpleImputer(add_indicator=False, copy=True, fill_value=None, keep_empty_features=False, "
    "missing_values=nan, strategy='median')": "impute",
    "StandardScaler(copy=True, with_mean=True, with_std=True)": "standardize",
}
"""The transformers that the command line knows by name, as a run describes them with all their settings."""

_SCHEMES = ("stratified", "kfold", "group", "stratified_group", "holdout", "leave_one_out", "predefined")

_BALANCED = repr("balanced")
_LOGS = ["tensorboard"]  # as an identity lists it among the callbacks


@dataclass(frozen=True)
class Reproduction:
    """How to make a run again.

    Attributes:
        command: A command line; what it cannot say is left out.
        gaps: What it cannot say, one sentence each.
    """

    command: str
    gaps: tuple[str, ...] = ()


def reproduction(manifest: Mapping[str, Any]) -> Reproduction:
    """Writes the command line that evaluates the same model on the same folds with the same seeds.

    Args:
        manifest: What the store keeps of a run.

    Example:
        >>> manifest = {"model": "net", "dataset": "sonar", "scheme": "kfold", "folds": 10, "repeats": 1,
        ...             "seeds": 1, "seed": 7, "epochs": 9, "batch_size": 16, "preprocessing": [],
        ...             "metrics": ["mae"], "engine": "fit", "identity": {"arguments": {"rate": "0.2"}}}
        >>> command = reproduction(manifest).command
        >>> command[:70]
        'python -m harness evaluate net -d sonar -a rate=0.2 --cv kfold -k 10 -'
    """
    words = [
        *("python -m harness evaluate", shlex.quote(manifest["model"]), "-d", shlex.quote(manifest["dataset"])),
        *(f"-a {shlex.quote(f'{name}={value}')}" for name, value in _arguments(manifest) if _is_literal(value)),
        *_protocol(manifest),
        *_training(manifest),
    ]
    return Reproduction(" ".join(words), tuple(_gaps(manifest)))


def _arguments(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    return list(manifest["identity"].get("arguments", {}).items())


def _is_literal(value: str) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return False
    return True


def _protocol(manifest: Mapping[str, Any]) -> Iterator[str]:
    if manifest["scheme"] in _SCHEMES and manifest["scheme"] != "predefined":
        yield f"--cv {manifest['scheme']}"
    if manifest["scheme"] == "holdout":
        yield f"--test-size {_test_size(manifest)}"
    elif manifest["scheme"] not in ("leave_one_out", "predefined"):
        yield f"-k {manifest['folds']}"
    if manifest["repeats"] > 1:
        yield f"-r {manifest['repeats']}"
    if not manifest.get("shuffle", True):
        yield "--no-shuffle"
    yield f"--seed {manifest['seed']}"
    if manifest["seeds"] > 1:
        yield f"--init-seeds {manifest['seeds']}"


def _test_size(manifest: Mapping[str, Any]) -> str:
    """A share that gives exactly as many test rows: rounded down, for scikit-learn rounds the rows up."""
    share = manifest["test_ratio"] / (1 + manifest["test_ratio"])
    return f"{math.floor(share * 1e6) / 1e6:g}"


def _training(manifest: Mapping[str, Any]) -> Iterator[str]:
    identity = manifest["identity"]
    yield f"--epochs {manifest['epochs']} -b {manifest['batch_size']}"
    names = _transformers(manifest)
    if None not in names:
        yield f"--preprocessing {','.join(filter(None, names)) or 'none'}"
    if stopping := _early_stopping(manifest):
        yield f"--early-stopping {stopping}"
    tune_epochs, tune_rate, *frozen = identity.get("fine_tuning") or (None, None)
    if tune_epochs is not None:
        yield f"--fine-tune-epochs {tune_epochs}"
    if tune_rate is not None:
        yield f"--fine-tune-learning-rate {tune_rate!r}"
    if any(frozen):
        yield f"--fine-tune-frozen-layers {frozen[0]}"
    if identity.get("inner_val"):
        yield f"--inner-val {identity['inner_val']:g}"
    if identity.get("checkpoint"):
        yield f"--checkpoint {identity['checkpoint']}"
    if manifest.get("threshold") is not None:
        yield f"--threshold {manifest['threshold']}"
    if identity.get("class_weight") == _BALANCED:
        yield "--class-weight balanced"
    if _LOGS in (identity.get("callbacks") or ()):
        yield "--tensorboard"
    if metrics := _named_metrics(manifest):
        yield f"--metrics {shlex.quote(','.join(metrics))}"
    yield f"--engine {manifest['engine']}"
    if identity.get("augment_copies"):
        yield f"--augment-copies {identity['augment_copies']}"


def _early_stopping(manifest: Mapping[str, Any]) -> int | str | None:
    """As the run was stopped; "none" where it was not, but the model's recipe would have it."""
    stopping: int | str | None = manifest["identity"].get("early_stopping")
    recipe = zoo.get_spec(manifest["model"]) if manifest["model"] in zoo.list_models() else None
    return "none" if stopping is None and recipe is not None and recipe.early_stopping else stopping


def _named_metrics(manifest: Mapping[str, Any]) -> list[str]:
    return [name for name in manifest["metrics"] if name not in manifest.get("custom_metrics", [])]


def _transformers(manifest: Mapping[str, Any]) -> list[str | None]:
    """The names under which the command line knows the transformers; None for one with settings of its own."""
    return [_TRANSFORMERS.get(" ".join(text.split())) for text in manifest["preprocessing"]]


def _gaps(manifest: Mapping[str, Any]) -> Iterator[str]:
    identity = manifest["identity"]
    for name, value in _arguments(manifest):
        if not _is_literal(value):
            yield f"The argument {name}={value} can only be given in Python."
    if manifest["scheme"] not in _SCHEMES:
        yield f"The splits were made by {manifest['scheme']}, which can only be given in Python."
    if identity.get("groups_sha256"):
        yield "The rows were kept together in groups: say which with --groups."
    if None in _transformers(manifest):
        yield f"The preprocessing can only be given in Python: {', '.join(manifest['preprocessing'])}."
    if own := manifest.get("custom_metrics"):
        yield f"These metrics can only be given in Python: {', '.join(own)}."
    if identity.get("class_weight", "None") not in {"None", _BALANCED}:
        yield f"class_weight={identity['class_weight']} can only be given in Python."
    if manifest["engine"] == "scikit-learn":
        yield "The estimator can only be given in Python."
    if [kind for kind in identity.get("callbacks") or () if kind != _LOGS]:
        yield "The callbacks can only be given in Python."
