from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of reference copies of the data sets."""
    folder = os.environ.get("HARNESS_REFERENCE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("HARNESS_REFERENCE_DATA names no folder of reference data")
    return Path(folder)
