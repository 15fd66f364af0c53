"""How TensorFlow's compiler works for us: with the emitters that suit small networks, and no program twice.

TensorFlow reads `TF_XLA_FLAGS` when it is imported and `XLA_FLAGS` when a process compiles for the first time. So
`set_up` comes before the import and `settle` after it. An unknown flag ends the process: flags are set only for
versions in which they were tried, and taken back before JAX, which reads the same variable, may see them.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness.environment import CACHE_FLAG, keras_backend

ENVIRONMENT = "HARNESS_PROGRAM_CACHE"

_PACKAGES = ("tensorflow", "tensorflow-cpu", "tensorflow-intel")
# As measured on small networks, together: a step takes a third to a quarter of the time, compiling two thirds.
_FLAGS = (
    # Loops become one function of machine code, whose operations are not handed to a pool of threads one by one …
    "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=1000000000,"
    # … with matrix products of its own, in tiles that were tried with AVX-512, and long loops left as loops …
    "xla_force_enable_experimental_llvm_ir_gemm=true,xla_llvm_ir_gemm_tile_size=8:2:2*vectwidth,"
    "-unroll-full-max-count=8",
    "--xla_cpu_multi_thread_eigen=false",
    # … without calls of a library, which such a function cannot make.
    "--xla_cpu_experimental_ynn_fusion_type=",
    # Older emitters, and fewer passes over what they emit: as fast, and sooner done.
    "--xla_cpu_use_fusion_emitters=false",
    "--xla_backend_optimization_level=1",
)
_TRIED = {"2.21": " ".join(_FLAGS)}
_ABILITIES = ("vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU ")
_MOST_BYTES = 512 * 2**20
_before: list[str | None] = []


@cache
def set_up() -> None:
    """Sets the compiler's flags, as far as TensorFlow has not read them yet and the user has not set them.

    Compiled programs are kept in the user's cache folder. They are machine code: there is a folder for every
    version and processor, and nobody else may be able to write to it. The environment variable `HARNESS_CACHE`
    names another folder for all that is kept, `HARNESS_PROGRAM_CACHE` one for programs alone; or it is "off".
    """
    if keras_backend() == "jax":
        _set_up_jax()
    if keras_backend() != "tensorflow":
        return
    installed = _tensorflow()
    _before.append(os.environ.get("XLA_FLAGS"))
    if "tensorflow" not in sys.modules and (folder := _programs(installed)):
        os.environ["TF_XLA_FLAGS"] = f"{os.environ.get('TF_XLA_FLAGS', '')} {CACHE_FLAG}={folder}".strip()
    tried = _TRIED.get(".".join(installed.split(".")[:2]), "")
    # What the user says comes last, and prevails.
    os.environ["XLA_FLAGS"] = f"{tried} {os.environ.get('XLA_FLAGS', '')}".strip()


@contextmanager
def settling() -> Iterator[None]:
    """Has TensorFlow read the flags, once, while something else is done, and takes them back.

    It reads them when it compiles, be it next to nothing, and that takes a while.
    """
    if _before:
        import keras  # noqa: F401 - with TensorFlow as a whole: two threads that import it lock each other out
    with ThreadPoolExecutor(1) as pool:
        settled = pool.submit(settle)
        yield
        settled.result()  # what went wrong in there is not kept back


@cache
def settle() -> None:
    """Has TensorFlow read the flags, by compiling next to nothing, and takes them back."""
    if not _before:
        return
    import tensorflow as tf

    tf.function(lambda number: number + 1, jit_compile=True, autograph=False)(tf.constant(0))
    if (flags := _before.pop()) is None:
        del os.environ["XLA_FLAGS"]
    else:
        os.environ["XLA_FLAGS"] = flags


def _set_up_jax() -> None:
    """Has JAX keep its programs as well, unless the user has told it where, or not to."""
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    config: Any = jax.config
    if config.jax_compilation_cache_dir is None and (folder := _programs(f"jax {jax.__version__}")):
        config.update("jax_compilation_cache_dir", str(folder))
        config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        compilation_cache.reset_cache()  # or it would heed none of this where something was compiled before


def _programs(installed: str) -> Path | None:
    """The folder for compiled programs, or None where none is to be kept."""
    chosen = os.environ.get(ENVIRONMENT, "")
    if chosen == "off" or CACHE_FLAG in os.environ.get("TF_XLA_FLAGS", ""):
        return None
    try:
        folder = _private(Path(chosen) if chosen else _user_cache()) / _kind(installed)
        folder.mkdir(exist_ok=True)
        _shrink(folder)
    except OSError:
        return None
    # TensorFlow splits its flags at spaces.
    return None if any(character.isspace() for character in str(folder)) else folder


def _user_cache() -> Path:
    import platformdirs

    return Path(os.environ.get("HARNESS_CACHE") or platformdirs.user_cache_dir("keras-zoo-harness")) / "programs"


def _private(folder: Path) -> Path:
    """The folder, made if need be.

    Raises:
        OSError: Others could put machine code into it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        raise OSError(f"{folder} can be written to by others")
    return folder


def _kind(installed: str) -> str:
    """What a compiled program depends on beside the model: version, processor, flags."""
    parts = [installed, *_TRIED.values(), platform.machine(), _processor(), os.environ.get("XLA_FLAGS", "")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _tensorflow() -> str:
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            return version(package)
    return ""


def _processor() -> str:
    """Name and abilities of the first processor."""
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
    except OSError:
        return platform.processor()
    return "\n".join(line for line in first.splitlines() if line.startswith(_ABILITIES))


def _shrink(folder: Path) -> None:
    """Removes the oldest programs while they take too much room."""
    files = sorted(filter(Path.is_file, folder.iterdir()), key=lambda file: file.stat().st_mtime)
    room = sum(file.stat().st_size for file in files)
    for file in files:
        if room <= _MOST_BYTES:
            return
        room -= file.stat().st_size
        file.unlink(missing_ok=True)
