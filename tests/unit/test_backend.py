from __future__ import annotations

import sys
import threading

import keras
import pytest

from harness.backend import tensorflow_spared


def is_available() -> bool:
    from keras.src.utils.module_utils import tensorflow

    return bool(tensorflow.available)


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on another backend: TensorFlow is installed, and nobody has loaded it."""
    with tensorflow_spared():
        assert is_available()
    monkeypatch.delitem(sys.modules, "tensorflow")


def test_keras_seeds_tensorflow_where_it_is_loaded() -> None:
    with tensorflow_spared():
        keras.utils.set_random_seed(3)
        first = keras.random.uniform((3,))
        keras.utils.set_random_seed(3)
        assert (keras.random.uniform((3,)) == first).numpy().all()
        assert is_available()


@pytest.mark.usefixtures("unloaded")
def test_what_is_not_loaded_is_spared() -> None:
    with tensorflow_spared():
        assert not is_available()
        with tensorflow_spared():
            assert not is_available()
        assert not is_available()
    assert is_available()


@pytest.mark.usefixtures("unloaded")
def test_it_is_given_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), tensorflow_spared():
        raise ZeroDivisionError
    assert is_available()


@pytest.mark.usefixtures("unloaded")
def test_other_threads_find_it() -> None:
    found: list[bool] = []
    with tensorflow_spared():
        thread = threading.Thread(target=lambda: found.append(is_available()))
        thread.start()
        thread.join()
    assert found == [True]
