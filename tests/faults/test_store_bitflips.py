"""Bits are flipped in every file of a store; nothing wrong is ever read as if it were right."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.store import RunStore

FILES = {"model.keras": bytes(range(256)) * 8, "predictions.npz": b"0.1 0.9 " * 100}
RECORD = {"accuracy": 0.8365384615384616, "epochs": 300}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template") / "runs"
    with RunStore(root).open_run("toy", {"seed": 7}) as run:
        run.attach("splits.npz", b"rows " * 100)
        for fold in range(2):
            run.commit((0, fold, 0), f"k{fold}", RECORD, {**FILES, "fold": str(fold).encode()})
        run.finish("finished", {"accuracy": 0.8365384615384616}, 2.5)
    return root


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "runs"))


def flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_bit_of_an_artifact_is_found_and_only_that_fold_run_again(seed: int, root: Path) -> None:
    chance = random.Random(seed)
    store = RunStore(root)
    name = chance.choice(["fold", "model.keras"])
    path = store.load("toy").folds[0].artifacts[name]
    flip(path, chance)
    with store.open_run("toy", {"seed": 7}) as run:
        assert run.find("k0") is None
        assert f"{path} is corrupt: expected SHA-256" in run.warnings[0]
        assert (root / "quarantine" / path.name).exists()
        for number in range(2):
            run.commit((0, number, 0), f"k{number}", RECORD, {**FILES, "fold": str(number).encode()})
    for index, fold in enumerate(store.load("toy").folds):
        assert {name: fold.read(name) for name in fold.artifacts} == {**FILES, "fold": str(index).encode()}


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_of_the_database_or_a_copy_changes_no_result(seed: int, root: Path) -> None:
    chance = random.Random(seed)
    files = ["harness.sqlite", "folds/k0.json", "runs/toy.json"]
    flip(root / chance.choices(files, weights=[4, 1, 1])[0], chance)
    store = RunStore(root)
    try:
        runs = [store.load(info.run_id) for info in store.list_runs()]
    except HarnessError:
        runs = []
    for run in runs:
        assert run.run_id == "toy"
        assert run.summary == {"accuracy": 0.8365384615384616}
        for fold in run.folds:
            assert fold.record == RECORD
            assert fold.read("model.keras") == FILES["model.keras"]
            assert fold.key == (0, int(fold.read("fold")), 0)
        assert len(run.folds) == 2 or run.warnings or store.warnings
    assert runs or store.warnings


@pytest.mark.parametrize("seed", range(40))
def test_after_a_flipped_bit_of_the_database_the_same_run_can_be_opened_and_is_whole(
    seed: int, root: Path
) -> None:
    flip(root / "harness.sqlite", random.Random(seed))
    store = RunStore(root)
    with store.open_run("toy", {"seed": 7}) as run:
        for fold in range(2):
            stored = run.find(f"k{fold}")
            assert stored is not None
            assert stored.record == RECORD
            run.adopt((0, fold, 0), stored)
    assert [fold.record for fold in store.load("toy").folds] == [RECORD] * 2
    assert store.load("toy").attachment("splits.npz") == b"rows " * 100
