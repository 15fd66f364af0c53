from __future__ import annotations

import base64
import hashlib
import json

import pytest

from harness.report.html.csp import policy
from harness.report.html.embed import embedded_json


def test_nothing_is_allowed_that_is_not_named() -> None:
    assert policy("a", "b").startswith("default-src 'none'; ")
    assert "unsafe" not in policy("a", "b")


@pytest.mark.parametrize("rule", ["script-src", "style-src"])
def test_the_hash_is_that_of_the_content(rule: str) -> None:
    digest = base64.b64encode(hashlib.sha256(b"content \xc3\xa9").digest()).decode()
    assert f"{rule} 'sha256-{digest}'" in policy("content é", "content é")


@pytest.mark.parametrize("text", ["</script><img src=x onerror=alert(1)>", "<!--", "a & b", "\u2028\u2029"])
def test_embedded_json_means_the_same_and_has_no_markup(text: str) -> None:
    written = embedded_json({text: text})
    assert json.loads(written) == {text: text}
    assert not set(written) & set("<>&\u2028\u2029")


def test_a_number_that_json_has_not_is_an_error() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        embedded_json({"mean": float("nan")})
