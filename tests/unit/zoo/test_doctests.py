"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = [
    "zoo",
    "zoo._backbones",
    "zoo._checks",
    "zoo._errors",
    "zoo._parts",
    "zoo._registry",
    "zoo._spec",
    "zoo._unallocated",
    "zoo.fine_tuning",
    "zoo.linear",
    "zoo.mammography",
    "zoo.mnist",
    "zoo.model_files",
    "zoo.multi_output",
    "zoo.pets",
    "zoo.pima",
    "zoo.sonar",
    "zoo.vgg19_transfer",
    "zoo.weights",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
