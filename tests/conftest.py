from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import xla
from harness.garbage import collect_seldom

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
xla.set_up()  # so that no program is compiled twice


def pytest_collection_finish() -> None:
    """Spares what was imported from being looked through for garbage again and again, a fifth of the time."""
    gc.freeze()
    collect_seldom()


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of reference copies of the data sets."""
    folder = os.environ.get("HARNESS_REFERENCE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("HARNESS_REFERENCE_DATA names no folder of reference data")
    return Path(folder)


@pytest.fixture(scope="session", autouse=True)
def feature_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keeps the features of the tests out of the user's cache."""
    folder = tmp_path_factory.mktemp("features")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_CACHE", str(folder))
        yield folder
