from __future__ import annotations

from pathlib import Path

import pytest

from harness.store.filesystems import network_file_system

TABLE = r"""/dev/vda / ext4 rw 0 0
proc /proc proc rw 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
/dev/vdb /home/local ext4 rw 0 0
//nas/share /mnt/my\040share cifs rw 0 0
host: /mnt/ssh fuse.sshfs rw 0 0
disk /mnt/ntfs fuse.ntfs-3g rw 0 0
auto /mnt/auto autofs rw 0 0
server:/auto /mnt/auto nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/runs", None),
        ("/home", "nfs4"),
        ("/home/me/runs", "nfs4"),
        ("/homeless/runs", None),
        ("/home/local/runs", None),
        ("/mnt/my share/runs", "cifs"),
        ("/mnt/ssh/runs", "fuse.sshfs"),
        ("/mnt/ntfs/runs", None),
        ("/mnt/auto/runs", "nfs"),
    ],
)
def test_the_last_mount_on_the_nearest_folder_decides(path: str, kind: str | None, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(TABLE)
    assert network_file_system(Path(path), mounts) == kind


def test_without_a_table_of_mounts_every_path_is_local(tmp_path: Path) -> None:
    assert network_file_system(tmp_path, tmp_path / "mounts") is None


def test_a_link_into_a_network_folder_counts(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver: {tmp_path.resolve()}/net nfs rw 0 0\n")
    (tmp_path / "net").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "net")
    assert network_file_system(tmp_path / "link" / "runs", mounts) == "nfs"
