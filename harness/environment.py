"""What a result may depend on besides the code: versions, processor, threads, environment variables.

Nothing heavy is imported: versions come from the installed packages' metadata.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness._version import __version__

PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy", "scikit-learn", "scipy", "pandas", "h5py")
PREFIXES = ("TF_", "ONEDNN_", "DNNL_", "XLA_", "KERAS_", "JAX_", "OMP_", "MKL_", "OPENBLAS_", "CUDA_VISIBLE_")
# TF_CPP_ changes what TensorFlow says, not what it computes; the others are Terraform's, and may hold secrets.
IGNORED = (
    "TF_CPP_",
    "TF_CLI_",
    "TF_DATA_",
    "TF_INPUT",
    "TF_LOG",
    "TF_PLUGIN_",
    "TF_TOKEN_",
    "TF_VAR_",
    "TF_WORKSPACE",
)
CACHE_FLAG = "--tf_xla_persistent_cache_directory"
"""Where TensorFlow keeps compiled programs: a folder of the user's, on which no result depends."""

# The instruction sets by which TensorFlow, oneDNN, Eigen and NumPy choose their kernels.
FLAGS = (
    "sse4_2", "avx", "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512vl", "avx512_vnni",
    "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "asimd", "asimddp", "sve", "sve2", "bf16",
)  # fmt: skip


def capture() -> dict[str, Any]:
    """Records what the bits of a result may depend on.

    Equal captures are the condition under which the harness promises equal bits; variables that only steer
    logging are therefore left out, and so is where compiled programs are kept. Captures end up in reports that
    are passed on: the user's home is written as "~".

    Returns:
        A dictionary that JSON can hold: "harness", "python", "platform", "backend" (the Keras backend that is
        configured), "sqlite", "packages" (name → version, or None where not installed), "cpu" ("model",
        "flags", "cores" of the machine, "threads" this process may use), "memory_bytes" (or None) and
        "variables" (the environment variables that steer numerical libraries).

    Example:
        >>> sorted(capture())
        ['backend', 'cpu', 'harness', 'memory_bytes', 'packages', 'platform', 'python', 'sqlite', 'variables']
    """
    return {
        "harness": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "backend": keras_backend(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version(name) for name in PACKAGES},
        "cpu": _cpu(),
        "memory_bytes": _memory(),
        "variables": _variables(os.environ),
    }


def keras_backend() -> str:
    """Tells which backend Keras will choose, without importing it.

    Keras reads `KERAS_BACKEND`, then "backend" of `keras.json` in `KERAS_HOME` (default `~/.keras`), and takes
    "tensorflow" otherwise.

    Returns:
        The backend's name, such as "tensorflow" or "jax".
    """
    if backend := os.environ.get("KERAS_BACKEND"):
        return backend
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    try:
        config = json.loads((home / "keras.json").read_text(encoding="utf-8"))
        return str(config.get("backend", "tensorflow"))
    except (OSError, ValueError, AttributeError):
        return "tensorflow"


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        # The builds without GPU support install the same package under another name.
        return _version("tensorflow-cpu") if distribution == "tensorflow" else None


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    told = {
        name: _without_home(_without_cache(value))
        for name, value in sorted(environ.items())
        if name.startswith(PREFIXES) and not name.startswith(IGNORED)
    }
    return {name: value for name, value in told.items() if value or not environ[name]}


def _without_cache(value: str) -> str:
    if CACHE_FLAG not in value:
        return value
    return " ".join(flag for flag in value.split() if not flag.startswith(CACHE_FLAG))


def _without_home(value: str) -> str:
    try:
        home = str(Path.home())
    except RuntimeError:  # a process of a user whom the system does not know
        return value
    # Every path begins with "/", the home of those who have none.
    return value if home == os.sep else re.sub(rf"{re.escape(home)}(?![\w.-])", "~", value)


def _cpu() -> dict[str, Any]:
    model, flags = _parse_cpuinfo(_read(Path("/proc/cpuinfo")))
    return {
        "model": model or platform.processor() or platform.machine(),
        "flags": [flag for flag in FLAGS if flag in flags],
        "cores": os.cpu_count(),
        "threads": processors(),
    }


def _parse_cpuinfo(text: str) -> tuple[str, set[str]]:
    """The model's name and the instruction sets of the first processor of `/proc/cpuinfo`."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip().lower(), value.strip())
    flags = fields.get("flags") or fields.get("features") or ""
    return fields.get("model name", ""), set(flags.split())


def processors() -> int:
    """Processors this process may run on: what TensorFlow sizes its thread pools by.

    Example:
        >>> processors() >= 1
        True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int | None:
    """Bytes of memory of the machine, or the smaller limit of the container."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    limit = _read(Path("/sys/fs/cgroup/memory.max")).strip()
    return min(total, int(limit)) if limit.isdecimal() else total


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
