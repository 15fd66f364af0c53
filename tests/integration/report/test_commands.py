"""`report` and `plot` on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli._group import cli
from harness.store import RunStore


@pytest.fixture
def invoke(store: RunStore, make_run):
    make_run("net_a", skill=0.5)
    make_run("net_b", skill=2.0)

    def run(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(cli, [command, *arguments, "--store", str(store.root)], prog_name="harness")

    return run


@pytest.mark.parametrize(
    ("suffix", "beginning"),
    [
        (".html", "<!DOCTYPE html>"),
        (".md", "## How good"),
        (".tex", "% Needs"),
        (".csv", "model,"),
        (".json", "{"),
    ],
)
def test_the_suffix_says_what_is_written(invoke, tmp_path: Path, suffix: str, beginning: str) -> None:
    target = tmp_path / f"out{suffix}"
    result = invoke("report", "net_a", "-o", str(target))
    assert (result.exit_code, result.stdout) == (0, "")
    assert target.read_text().lstrip().startswith(beginning)


def test_without_a_file_markdown_goes_to_standard_output(invoke) -> None:
    assert invoke("report", "net_a").stdout.startswith("## How good is net_a on sonar?")


def test_a_glob_names_several_runs(invoke) -> None:
    assert invoke("report", "net_*").stdout.startswith("## Which of 2 models")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("report", "nett"), "Error: Unknown run 'nett'. Available: net_a-"),
        (("report", "nett*"), "Error: Unknown run 'nett*'."),
        (("report", "net_a", "-o", "out.doc"), "Received: 'out.doc'; use one, or --format"),
        (("report", "net_a", "-o", "nowhere/out.html"), "Error: Cannot write 'nowhere/out.html': No such file"),
        (("plot", "net_a", "rok", "-o", "x.svg"), "Error: Unknown figure 'rok'. Did you mean 'roc'?"),
        (("plot", "net_a", "residuals", "-o", "x.svg"), "it needs numbers to predict, and the task is binary"),
        (("plot", "net_*", "roc", "-o", "x.svg"), "The figure 'roc' shows one run. Received: 2 runs"),
        (("plot", "net_a", "paired_differences", "-o", "x.svg"), "needs two runs or more. Received: 1"),
        (("plot", "net_a", "roc", "-o", "x.bmp"), "Received: 'x.bmp'"),
        (("plot", "net_a", "fold_scores", "--metric", "acuracy", "-o", "x.svg"), "Unknown metric 'acuracy'"),
        (("report", "net_a", "--metric", "mae"), "mae"),
        (("report", "net_*", "--baseline", "net_x"), "Unknown baseline 'net_x'. Did you mean 'net_b'?"),
        (("report", "net_*", "--baseline", "net_"), "Several runs begin with 'net_': net_a-00000207, net_b-"),
        (("report", "net_*", "--baseline", "sonar_baseline"), "Unknown baseline 'sonar_baseline'"),
        (
            ("plot", "net_*", "paired_differences", "--baseline", "net_x", "-o", "x.svg"),
            "Unknown baseline 'net_x'",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(invoke, arguments, message: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [("report", "net_*"), ("plot", "net_*", "paired_differences", "-o", "x.svg")])
def test_a_baseline_that_stands_for_several_runs_is_refused(invoke, make_run, command: tuple[str, ...]) -> None:
    again = make_run("net_c", model="net_b")
    result = invoke(*command, "--baseline", "net-b")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "Several runs are of the baseline's model 'net-b': net_b-00000208, " in result.stderr
    assert invoke("report", "net_*", "--baseline", again.id).exit_code == 0


@pytest.mark.parametrize("name", ["fold_scores", "learning-curves", "paired_differences", "training_time"])
def test_a_figure_is_drawn(invoke, tmp_path: Path, name: str) -> None:
    runs = ["net_a", "net_b"] if name == "paired_differences" else ["net_a"]
    target = tmp_path / "figure.svg"
    assert invoke("plot", *runs, name, "-o", str(target)).exit_code == 0
    assert "<svg" in target.read_text()


def test_the_options_of_a_comparison_reach_the_figure(invoke, tmp_path: Path) -> None:
    target = tmp_path / "figure.svg"
    options = ("--rope", "0.02", "--ci", "0.975", "--baseline", "net_b", "--metric", "mcc")
    assert invoke("plot", "net_*", "paired_differences", *options, "-o", str(target)).exit_code == 0
    text = target.read_text()
    assert all(part in text for part in ("practically equal (±0.02)", "97.5% interval", "net_a − net_b", "in mcc"))


@pytest.mark.parametrize("name", ["fold_scores", "paired_differences"])
def test_the_kind_of_interval_reaches_the_figure(invoke, tmp_path: Path, name: str) -> None:
    drawn = {}
    for kind in ("corrected", "conservative"):
        target = tmp_path / f"{kind}.svg"
        assert invoke("plot", "net_*", name, "--interval", kind, "-o", str(target)).exit_code == 0
        drawn[kind] = target.read_text()
    assert invoke("plot", "net_*", name, "-o", str(target)).exit_code == 0
    assert drawn["corrected"] == target.read_text() != drawn["conservative"]


def test_the_options_of_a_comparison_reach_the_report(invoke) -> None:
    options = (
        *("--rope", "0.02", "--ci", "0.975", "--baseline", "net_b", "--metric", "mcc"),
        *("--interval", "conservative", "--format", "json"),
    )
    record = json.loads(invoke("report", "net_*", *options).stdout)
    asked = {"metric": "mcc", "baseline": "net_b", "rope": 0.02, "level": 0.975, "interval": "conservative"}
    assert {name: record["comparison"][name] for name in asked} == asked
    assert {run["metrics"]["mcc"]["ci_method"] for run in record["runs"]} == {"conservative resampled t"}


@pytest.mark.parametrize("baseline", ["net_b", "net-b", "net_b-0", "net_b-00000208"])
def test_the_baseline_is_a_model_a_run_or_the_beginning_of_one(invoke, baseline: str) -> None:
    text = invoke("report", "net_*", "--baseline", baseline).stdout
    assert "than the baseline net_b" in text.splitlines()[2]


def test_a_report_starts_neither_tensorflow_nor_keras(invoke, store: RunStore, tmp_path: Path) -> None:
    loaded = _loaded_by("report", "net_*", "-o", str(tmp_path / "page.html"), "--store", str(store.root))
    assert (tmp_path / "page.html").is_file()
    assert not loaded & {"tensorflow", "keras", "jax", "torch"}


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("report", "net_*"), ("report", "net_a"), ("plot", "net_*", "fold_scores")])
def test_finished_runs_are_shown_without_what_takes_long_to_import(
    invoke, store: RunStore, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    suffix = "svg" if arguments[0] == "plot" else "html"
    loaded = _loaded_by(*arguments, "-o", str(tmp_path / f"out.{suffix}"), "--store", str(store.root))
    assert "matplotlib.figure" in loaded
    assert not loaded & {
        "tensorflow",
        "keras",
        "jax",
        "sklearn",
        "scipy.stats",
        "scipy.optimize",
        "matplotlib.pyplot",
    }


def _loaded_by(*arguments: str) -> set[str]:
    """Every module that the command imports, as Python itself lists them."""
    words = [sys.executable, "-X", "importtime", "-m", "harness", *arguments]
    result = subprocess.run(words, capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip() for line in result.stderr.splitlines() if "import time:" in line}
