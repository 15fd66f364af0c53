"""How data sets are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.data import dataset_summaries, list_datasets, registry
from harness.errors import DataError, UnknownNameError


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "datasets_root", lambda: tmp_path)
    return tmp_path


def add(folder: Path, text: str = 'title = "A set"\ntask = "binary"\nrows = 3\n') -> Path:
    folder.mkdir(parents=True)
    (folder / "dataset.toml").write_text(text)
    return folder


def test_folders_with_a_card_are_listed_by_name(root: Path) -> None:
    add(root / "second")
    add(root / "first")
    (root / "no_card").mkdir()
    assert list_datasets() == ["first", "second"]


@pytest.mark.parametrize(
    ("pattern", "names"), [("mult*", ["multi_output"]), ("multi-o*", ["multi_output"]), ("x*", [])]
)
def test_patterns_choose_names(pattern: str, names: list[str]) -> None:
    assert list_datasets(pattern) == names


def test_summaries_need_no_complete_card(root: Path) -> None:
    add(root / "toy")
    assert dataset_summaries() == [("toy", "A set", "binary", 3, "not stated")]


def test_rows_of_another_type_count_as_unknown(root: Path) -> None:
    add(root / "toy", 'rows = "many"\n')
    assert dataset_summaries()[0].n == 0


def test_a_broken_card_is_named(root: Path) -> None:
    add(root / "toy", "title = \n")
    with pytest.raises(DataError, match=r"toy/dataset.toml cannot be read as TOML"):
        dataset_summaries()


def test_a_registered_name_wins_over_a_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registered = add(root / "toy")
    elsewhere = add(root / "elsewhere" / "toy").parent
    monkeypatch.chdir(elsewhere)
    assert registry.find_folder("toy") == registered
    assert registry.find_folder("./toy") == Path("toy")


def test_a_folder_without_a_card_is_said_so(root: Path) -> None:
    (root / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty is a folder without a dataset.toml"):
        registry.find_folder(root / "empty")


def test_a_bare_word_is_a_name_even_where_such_a_folder_lies(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "empty").mkdir()
    monkeypatch.chdir(root)
    with pytest.raises(UnknownNameError, match="Unknown data set 'empty'"):
        registry.find_folder("empty")


def test_installed_data_win_over_a_folder_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside an installed package there may lie somebody else's `datasets`."""
    monkeypatch.setattr(registry, "__file__", str(tmp_path / "harness" / "data" / "registry.py"))
    add(tmp_path / "harness" / "_datasets" / "ours")
    add(tmp_path / "datasets" / "theirs")
    assert list_datasets() == ["ours"]


def test_a_checkout_finds_the_folder_beside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "__file__", str(tmp_path / "harness" / "data" / "registry.py"))
    (tmp_path / "harness" / "data").mkdir(parents=True)
    add(tmp_path / "datasets" / "ours")
    assert list_datasets() == ["ours"]
