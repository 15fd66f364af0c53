from __future__ import annotations

import json

import pytest
from conftest import run_record
