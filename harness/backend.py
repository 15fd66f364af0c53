"""Which backend of Keras computes, by what arithmetic, and how to keep it from loading TensorFlow besides."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_spared: ContextVar[bool] = ContextVar("_spared", default=False)


def arithmetic() -> dict[str, str]:
    """What the rounding of a product depends on besides the processor: its kind, and what passes for float32.

    On GPUs with TensorFloat-32 the factors of a product are rounded to 10 bits (NVIDIA, "A100 Tensor Core GPU
    Architecture", 2020), unless the backend is told not to.

    Example:
        >>> sorted(arithmetic())
        ['device', 'float32']
    """
    import keras

    backend = keras.backend.backend()
    library: Any = importlib.import_module(backend)
    if backend == "torch":
        precision = f"{library.get_float32_matmul_precision()} {library.backends.cudnn.allow_tf32}"
    elif backend == "tensorflow":
        precision = str(library.config.experimental.tensor_float_32_execution_enabled())
    else:
        precision = str(getattr(library.config, "jax_default_matmul_precision", None))
    return {"device": device(), "float32": precision}


def device() -> str:
    """The kind of device that computes: "cpu", "gpu" or "tpu".

    Example:
        >>> device() in ("cpu", "gpu", "tpu")
        True
    """
    import keras

    backend = keras.backend.backend()
    if backend == "torch":
        torch: Any = importlib.import_module(backend)
        return "gpu" if torch.cuda.is_available() else "cpu"
    # Asked for a kind, the JAX backend raises an error where there is none of it.
    return str(keras.distribution.list_devices()[0].partition(":")[0])


@contextmanager
def tensorflow_spared() -> Iterator[None]:
    """Has Keras take TensorFlow for not installed in this thread, unless it is loaded.

    Where it is installed, Keras loads it on every backend, which takes seconds, to seed it and to tell its types
    from others: but what is not loaded needs no seed and has given nobody an object. On the TensorFlow backend,
    where it is loaded, nothing changes.

    Example:
        >>> import keras
        >>> with tensorflow_spared():
        ...     keras.utils.set_random_seed(1)
    """
    _watch()
    token = _spared.set(True)
    try:
        yield
    finally:
        _spared.reset(token)


def _watch() -> None:
    """Has Keras' stand-in for the module ask us whether it is there."""
    try:
        from keras.src.utils import module_utils
    except ImportError:  # another version of Keras: it loads TensorFlow, and all is as right, only later
        return

    class Watched(module_utils.LazyModule):  # type: ignore[misc]
        @property
        def available(self) -> bool:
            if _spared.get() and self.name not in sys.modules:
                return False
            return bool(super().available)

    if type(module_utils.tensorflow) is module_utils.LazyModule:
        module_utils.tensorflow.__class__ = Watched
