"""How often Python looks for garbage in cycles.

TensorFlow and Keras leave a million objects behind that never become garbage. Python looks through them again and
again, which takes a fifth of a short run's time.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ALLOCATIONS = 100_000


def collect_seldom() -> None:
    """Has Python look for garbage after 100,000 new objects, not after 700, from now on.

    Example:
        >>> before = gc.get_threshold()
        >>> collect_seldom()
        >>> gc.get_threshold()[0] >= 100_000
        True
        >>> gc.set_threshold(*before)
    """
    first, *others = gc.get_threshold()
    if first:  # 0: the caller has switched it off
        gc.set_threshold(max(first, _ALLOCATIONS), *others)


def collect_nothing_at_exit() -> None:
    """Has Python not look for garbage once more at its end, which takes a second."""
    atexit.register(gc.freeze)


@contextmanager
def collected_seldom() -> Iterator[None]:
    """As `collect_seldom`, until the end of the block."""
    before = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)
