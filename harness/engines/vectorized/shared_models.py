"""What the folds of one input shape have in common: the model, its programs, and the writer of its files."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from harness.engines.base import FoldData, FoldTask, Recipe, Shape, split_heads
from harness.engines.builds import Origin, build_seeded, global_states_kept
from harness.engines.fold_callbacks import fold_callbacks, fold_context
from harness.engines.vectorized.backend import Program, State, StatelessModel
from harness.engines.vectorized.checkpoints import CheckpointWriter
from harness.engines.vectorized.expressible import may_stop, steers, why_callbacks_cannot, why_not
from harness.engines.vectorized.fold_callbacks import riding
from harness.engines.vectorized.fold_training import PreparedFold
from harness.engines.vectorized.initial_states import InitialStates
from harness.engines.vectorized.rows import Batch, Rows
from harness.engines.vectorized.rowwise import is_rowwise
from harness.engines.vectorized.shared_programs import programs_of
from harness.errors import EngineError

_MOST_EPOCHS_A_CALL = 1000
_MOST_EPOCHS_KEPT = 50
_MOST_BYTES_A_CALL = 64 * 2**20
_ROWS_A_PREDICTION = 256

Builder = Callable[[Shape], keras.Model]


class FirstModel(NamedTuple):
    """A model as it was built, and what from."""

    model: keras.Model
    origin: Origin


class SharedModels:
    """Makes folds ready to be trained; to be used by one thread only, for building a model sets global seeds.

    Args:
        build: Makes a new compiled model for an input shape.
        recipe: How to train.
        first: A model that is built already; it is theirs from now on.
    """

    def __init__(self, build: Builder, recipe: Recipe, first: FirstModel | None = None) -> None:
        self._build = build
        self._recipe = recipe
        self._first = first
        self._models: dict[Shape, _SharedModel] = {}

    def prepare(self, task: FoldTask) -> PreparedFold:
        """Makes a fold's arrays, initial state, callbacks and, if it is the first of its shapes, its program.

        Raises:
            EngineError: The model or a callback cannot be expressed.
        """
        # As in the fit engine, for preprocessing and callbacks may draw global random numbers.
        with _seeded(task.seeds.initial_state):
            return self._prepared(task)

    def _prepared(self, task: FoldTask) -> PreparedFold:
        started = time.perf_counter()
        data = task.prepare()
        callbacks = fold_callbacks(fold_context(task, data, self._recipe), self._recipe)
        train, validation = _train_batch(data, self._recipe), _validation_batch(data, self._recipe)
        shared = self._shared(data.input_shape, train, task.seeds.initial_state)
        _refuse(why_callbacks_cannot(callbacks))
        train_rows, validation_rows = shared.rows(train), validation and shared.rows(validation)
        call = shared.call(train_rows, callbacks)
        return PreparedFold(
            task=task,
            data=data,
            state=shared.initial_state(task.seeds.initial_state),
            callbacks=riding(callbacks),
            orders=_drawn_ahead(task.seeds.batch_orders(len(data.x_train)), call.epochs),
            train=train_rows,
            validation=validation_rows,
            model=shared.programs.model,
            writer=shared.writer,
            program=(program := shared.program(train_rows, validation_rows, callbacks)),
            pace=shared.programs.paces[program],
            bytes_a_call=call.size,
            rows_a_prediction=max(self._recipe.batch_size, _ROWS_A_PREDICTION),
            preparation=time.perf_counter() - started,
        )

    def _shared(self, shape: Shape, train: Batch, seed: int) -> _SharedModel:
        if shape not in self._models:
            model = self._built(Origin(shape, seed))
            _refuse(why_not(model))
            states = InitialStates(self._build, shape, model, seed)
            self._models[shape] = _SharedModel(model, states, train, self._recipe)
            _refuse(why_not(model))  # once more, for only now its optimizer has variables
        return self._models[shape]

    def _built(self, origin: Origin) -> keras.Model:
        first, self._first = self._first, None
        if first is not None and first.origin == origin:
            return first.model
        return build_seeded(self._build, *origin)


def _drawn_ahead(orders: Iterator[NDArray[np.int64]], epochs: int) -> Iterator[NDArray[np.int64]]:
    """The same orders; those of the first call are drawn now, while threads wait for the compiler."""
    return chain(list(islice(orders, epochs)), orders)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seeds Python and NumPy; seeding TensorFlow, too, makes it forget all the operations it has set up."""
    with global_states_kept():
        random.seed(seed)
        np.random.seed(seed)
        yield


def _refuse(reason: str | None) -> None:
    if reason:
        raise EngineError(f"The vectorized engine cannot train this: {reason}; use the fit engine")


def _train_batch(data: FoldData, recipe: Recipe) -> Batch:
    return Batch(data.x_train, split_heads(data.y_train, recipe.widths), data.sample_weight)


def _validation_batch(data: FoldData, recipe: Recipe) -> Batch | None:
    if data.x_val is None or data.y_val is None:
        return None
    return Batch(data.x_val, split_heads(data.y_val, recipe.widths), data.val_sample_weight)


class Call(NamedTuple):
    """What one call of a program does.

    Attributes:
        epochs: How many it runs at most before callbacks are called.
        keep_states: Whether it keeps the state after each of them.
        size: Bytes of what goes in and comes out for these epochs.
    """

    epochs: int
    keep_states: bool
    size: int


class _SharedModel:
    def __init__(self, model: keras.Model, states: InitialStates, train: Batch, recipe: Recipe) -> None:
        example = train.map(lambda array: keras.ops.convert_to_tensor(array[:1]))
        stateless = StatelessModel(model, example)
        self.programs = programs_of(stateless, example)
        self.writer = CheckpointWriter(model, stateless.own)
        self._states = states
        # What the model starts with beside what a build from another seed would set.
        others = (*model.optimizer.variables, *(each.variable for each in stateless.hyperparameters))
        self._others = stateless.state([keras.ops.convert_to_numpy(variable).copy() for variable in others])
        self._state_bytes = sum(keras.ops.convert_to_numpy(variable).nbytes for variable in stateless.variables)
        self._recipe = recipe
        self._maskable = is_rowwise(model)

    def initial_state(self, seed: int) -> State:
        """The state of a model built from `seed`, of its optimizer before the first step, and hyper-parameters."""
        return self.programs.model.state([*self._states.of(seed), *self._others])

    def rows(self, batch: Batch) -> Rows:
        """The rows of a fold in the form that the model's programs take."""
        return Rows.of(batch, self._recipe.batch_size, maskable=self._maskable)

    def program(self, train: Rows, validation: Rows | None, callbacks: list[Any]) -> Program:
        """The program for rows of these shapes, traced once."""
        epochs, keep, _ = self.call(train, callbacks)
        size = self._recipe.batch_size

        def traced(model: StatelessModel) -> Program:
            return Program(model, train, validation, batch_size=size, epochs=epochs, keep_states=keep)

        return self.programs.get((train.key, validation and validation.key, size, epochs, keep), traced)

    def call(self, train: Rows, callbacks: list[Any]) -> Call:
        """What one call of the program for these rows does."""
        keep = may_stop(callbacks)
        orders = train.size * (np.dtype(np.int64).itemsize + np.dtype(np.int32).itemsize)  # as drawn and as passed
        an_epoch = orders + (self._state_bytes if keep else 0)
        most = 1 if steers(callbacks) else _MOST_EPOCHS_KEPT if keep else _MOST_EPOCHS_A_CALL
        epochs = max(1, min(self._recipe.epochs, most, _MOST_BYTES_A_CALL // an_epoch))
        return Call(epochs, keep and epochs > 1, epochs * an_epoch)
