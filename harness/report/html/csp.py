"""The page's Content Security Policy: nothing is loaded, and only our own script and style apply."""

from __future__ import annotations

import base64
import hashlib


def policy(script: str, style: str) -> str:
    """Allows exactly one inline script and one inline style, and images inside the page.

    Args:
        script: Content of the script element, as it stands in the page.
        style: Content of the style element, as it stands in the page.

    Source: W3C, Content Security Policy Level 3, section 6.7 (hashes of inline content).

    Example:
        >>> policy("", "").split("; ")[0]
        "default-src 'none'"
    """
    rules = (
        "default-src 'none'",
        f"script-src '{_digest(script)}'",
        f"style-src '{_digest(style)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join(rules)


def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
