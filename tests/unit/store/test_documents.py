from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from harness.errors import CorruptArtifactError, StoreError
from harness.store.documents import FORMAT, first_difference, seal, storable, unseal


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"a": (1, 2.5, None, True, "x")}, {"a": [1, 2.5, None, True, "x"]}),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        ({"nested": {"deep": [np.float64(1.0)]}}, {"nested": {"deep": [1.0]}}),
    ],
)
def test_values_become_plain_json_types(value: object, plain: object) -> None:
    assert storable(value, "record") == plain


def test_plain_values_are_copied() -> None:
    inner = [1, 2]
    assert storable({"a": inner}, "record")["a"] is not inner


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"loss": float("nan")}, r"record\.loss is nan"),
        ({"scores": {"acc": [0.5, float("inf")]}}, r"record\.scores\.acc\[1\] is inf"),
        ({"scores": np.array([1.0, -np.inf])}, r"record\.scores\[1\] is -inf"),
        ({"scores": (np.float32("nan"),)}, r"record\.scores\[0\] is nan"),
    ],
)
def test_what_is_not_finite_is_refused_with_its_path(value: object, path: str) -> None:
    with pytest.raises(ValueError, match=path):
        storable(value, "record")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"model": object()}, r"record\.model is of type object"),
        ({"tags": {"a"}}, r"record\.tags is of type set"),
        ({1: "a"}, "key of type int"),
    ],
)
def test_what_json_has_no_form_for_is_refused(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        storable(value, "record")


@pytest.mark.parametrize(
    "document", [{}, {"text": 'ü " \\ \ud800 </script>'}, {"x": 0.1 + 0.2, "y": -0.0, "z": 1e-308}, {"n": 10**30}]
)
def test_a_sealed_document_comes_back_as_it_was(document: dict[str, Any]) -> None:
    assert unseal(seal(document), "copy") == document


def test_a_sealed_document_is_one_line_of_ascii() -> None:
    sealed = seal({"text": "a\nü"})
    assert sealed.isascii()
    assert "\n" not in sealed


@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_of_a_sealed_document_is_found(bit: int) -> None:
    sealed = seal({"loss": 0.125, "text": "abc"}).encode()
    for position in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[position] ^= 1 << bit
        with pytest.raises(CorruptArtifactError, match="the copy is corrupt: expected"):
            unseal(bytes(flipped), "the copy")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[" * 100_000, '{"a": NaN}', "\x00" * 20, b"\xff\xfe\xfd"]
)
def test_what_is_no_sealed_document_is_corrupt(text: str | bytes) -> None:
    with pytest.raises(CorruptArtifactError, match="the copy is corrupt"):
        unseal(text, "the copy")


def test_every_truncation_is_found() -> None:
    sealed = seal({"loss": 0.125})
    for length in range(len(sealed)):
        with pytest.raises(CorruptArtifactError):
            unseal(sealed[:length], "the copy")


def test_a_newer_format_is_not_taken_for_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("harness.store.documents.FORMAT", FORMAT + 1)
        sealed = seal({"loss": 0.125})
    with pytest.raises(StoreError, match="newer harness"):
        unseal(sealed, "the copy")


@pytest.mark.parametrize(
    ("stored", "now", "clause"),
    [
        ({"seed": 7}, {"seed": 8}, "identity.seed was 7 and is 8 now"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "identity.a.b[1] was 2 and is 3 now"),
        ({"a": [1]}, {"a": [1, 2]}, "identity.a was [1] and is [1, 2] now"),
        ({}, {"new": "x"}, 'identity.new was null and is "x" now'),
        ({"old": 1}, {}, "identity.old was 1 and is null now"),
    ],
)
def test_the_first_difference_names_path_and_both_values(stored: Any, now: Any, clause: str) -> None:
    assert first_difference(stored, now, "identity") == clause


def test_equal_documents_have_no_difference() -> None:
    value = {"a": [1, {"b": None}]}
    assert first_difference(value, json.loads(json.dumps(value)), "identity") is None


def test_long_values_are_shortened_in_a_difference() -> None:
    difference = first_difference("a" * 500, "b", "identity")
    assert difference is not None
    assert len(difference) < 150
