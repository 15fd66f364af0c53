"""How much memory the process takes, and has taken at most."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path


def peak_memory() -> int | None:
    """The most memory that this process has held at once since it began, in bytes; None where it is not told.

    It never falls: after a run that took much, a later one in the same process seems to take as much.

    Source: proc(5), VmHWM, on Linux, for getrusage(2) there also counts what the parent held when it started this
    process; elsewhere getrusage(2), whose maximum resident set size is in bytes on macOS.

    Example:
        >>> peak_memory() is None or peak_memory() > 1_000_000
        True
    """
    if sys.platform == "linux":
        return _high_water_mark()
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else 1024 * peak)


def _high_water_mark() -> int | None:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return 1024 * int(found[1]) if found else None


def memory_since(start: int | None) -> dict[str, int] | None:
    """The peak, and by how much it has risen.

    Args:
        start: What `peak_memory` said before.

    Returns:
        "peak" and "growth" in bytes, or None where the system does not tell.

    Example:
        >>> sorted(memory_since(peak_memory()) or ["growth", "peak"])
        ['growth', 'peak']
    """
    peak = peak_memory()
    return None if peak is None or start is None else {"peak": peak, "growth": peak - start}


def memory_in_use() -> int:
    """What this process holds in memory now, in bytes; the most it ever held where only that is told.

    Source: proc(5), resident pages in /proc/self/statm.

    Example:
        >>> memory_in_use() > 1_000_000
        True
    """
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return peak_memory() or 0
    return pages * os.sysconf("SC_PAGE_SIZE")
