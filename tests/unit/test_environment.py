from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path

import pytest

from harness import environment
from harness.environment import CACHE_FLAG, capture, keras_backend


def test_the_capture_can_be_stored_as_json() -> None:
    facts = capture()
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_installed_versions_are_recorded_and_missing_ones_are_null(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "PACKAGES", ("numpy", "no-such-distribution"))
    assert capture()["packages"] == {"numpy": version("numpy"), "no-such-distribution": None}


@pytest.mark.parametrize("name", ["TF_ENABLE_ONEDNN_OPTS", "ONEDNN_MAX_CPU_ISA", "XLA_FLAGS", "KERAS_BACKEND"])
def test_variables_that_change_results_are_recorded(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert capture()["variables"][name] == "1"


@pytest.mark.parametrize("name", ["TF_CPP_MIN_LOG_LEVEL", "TF_TOKEN_example", "TF_VAR_password", "HOME"])
def test_variables_that_do_not_are_left_out(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert name not in capture()["variables"]


def test_neither_the_folder_of_compiled_programs_nor_the_users_home_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TF_XLA_FLAGS", f"--tf_xla_enable_lazy_compilation=false {CACHE_FLAG}={tmp_path}/programs")
    monkeypatch.setenv("XLA_FLAGS", f"--xla_dump_to={tmp_path}/dumps,{tmp_path}-2/x")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    told = capture()["variables"]
    assert told["TF_XLA_FLAGS"] == "--tf_xla_enable_lazy_compilation=false"
    assert told["XLA_FLAGS"] == f"--xla_dump_to=~/dumps,{tmp_path}-2/x"
    assert told["KERAS_HOME"] == "~"


def test_flags_of_which_nothing_is_told_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_XLA_FLAGS", f"{CACHE_FLAG}=/somewhere")
    assert "TF_XLA_FLAGS" not in capture()["variables"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="homes are set by another variable")
def test_a_process_without_a_home_tells_paths_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/")
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=/tmp")
    assert capture()["variables"]["XLA_FLAGS"] == "--xla_dump_to=/tmp"


@pytest.fixture
def keras_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path


def test_the_backend_is_tensorflow_by_default(keras_home: Path) -> None:
    assert keras_backend() == "tensorflow"


@pytest.mark.parametrize(
    ("text", "backend"), [('{"backend": "jax"}', "jax"), ("{}", "tensorflow"), ("[", "tensorflow")]
)
def test_the_backend_is_read_from_keras_settings(keras_home: Path, text: str, backend: str) -> None:
    (keras_home / "keras.json").write_text(text)
    assert keras_backend() == backend


def test_the_variable_wins_over_the_settings(keras_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (keras_home / "keras.json").write_text('{"backend": "torch"}')
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert keras_backend() == "jax"


CPUINFO = """processor\t: 0
model name\t: Some CPU @ 3.00GHz
flags\t\t: fpu sse4_2 avx2 avx512f hypervisor

processor\t: 1
model name\t: Another
"""


def test_the_processor_is_read_from_its_first_entry() -> None:
    model, flags = environment._parse_cpuinfo(CPUINFO)
    assert model == "Some CPU @ 3.00GHz"
    assert {"avx2", "avx512f"} < flags


def test_a_system_without_cpuinfo_still_has_a_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_read", lambda path: "")
    cpu = capture()["cpu"]
    assert cpu["model"]
    assert cpu["flags"] == []


def test_a_containers_memory_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_read", lambda path: "1048576\n" if path.name == "memory.max" else "")
    assert capture()["memory_bytes"] == 1048576
