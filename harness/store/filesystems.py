"""Whether a folder lies on a network file system, where SQLite's write-ahead log is not safe."""

from __future__ import annotations

import re
from pathlib import Path

_NETWORK = {
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "cvmfs", "davfs", "glusterfs", "gpfs", "lustre", "ncpfs",
    "nfs", "nfs4", "ocfs2", "orangefs", "smb3", "smbfs", "vboxsf", "virtiofs",
}  # fmt: skip


def network_file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """Names the network file system that a path lies on.

    FUSE file systems count, as most are remote, except those known to sit on a local disk.

    Args:
        path: Need not exist.
        mounts: The table of mounts; where there is none, every path counts as local.

    Returns:
        Its type, such as "nfs4", or None for a local one.
    """
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    kind = _kind_at(path.resolve(), lines)
    return kind if kind in _NETWORK or (kind.startswith("fuse.") and not _is_local_fuse(kind)) else None


def _kind_at(path: Path, lines: list[str]) -> str:
    """Returns the type of the last mount on the nearest folder above a path."""
    deepest, kind = -1, ""
    for line in lines:
        fields = line.split(" ")
        folder = Path(_unescape(fields[1]))
        if path.is_relative_to(folder) and len(folder.parts) >= deepest:
            deepest, kind = len(folder.parts), fields[2]
    return kind


def _is_local_fuse(kind: str) -> bool:
    return kind in {"fuse.ntfs-3g", "fuse.exfat", "fuse.ext2", "fuse.fuse-overlayfs", "fuse.mergerfs"}


def _unescape(field: str) -> str:
    """Reads the octal escapes of proc_mounts(5), such as \\040 for a space."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
