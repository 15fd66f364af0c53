"""What a compiled program gives back, and how its errors are told; the same on every backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.errors import EngineError, UsageError


class Block(NamedTuple):
    """What some epochs of training made of a fold.

    Attributes:
        state: After the last of them.
        logs: (epochs, metrics) loss and metrics, in the order of `Program.names`.
        kept: For each variable a tensor of its values after each of the epochs, or () where they are not kept.
        seconds: That an epoch took.
    """

    state: list[Any]
    logs: NDArray[np.float32]
    kept: tuple[Any, ...]
    seconds: float

    def reader(self, number: int) -> Callable[[], list[NDArray[Any]]]:
        """Reads the state after one of the epochs when called.

        What it returns are copies: a view would keep the states of all epochs in memory.
        """
        if number == len(self.logs) - 1:
            return state_reader(self.state)
        return lambda: [np.asarray(values)[number].copy() for values in self.kept]


def state_reader(state: Sequence[Any]) -> Callable[[], list[NDArray[Any]]]:
    """Reads a state when called."""
    return lambda: [np.asarray(value) for value in state]


@contextmanager
def explained(action: str) -> Iterator[None]:
    """Turns an error of the backend's into the reason why the engine cannot train a model.

    Raises:
        EngineError: Whatever was raised inside, in one line.
    """
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise EngineError(f"The model cannot be {action} as a whole: {reason}") from error
