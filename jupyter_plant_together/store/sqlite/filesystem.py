"""What kind of file system a path lies on, and the private folder a database lives in (PROTOCOL D2).

The write-ahead log needs shared memory between processes, which network file systems do not give; the
mount table of the kernel names them. Where there is no such table (macOS, Windows) a path counts as local.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

NETWORK_FILESYSTEMS = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "smb2",
        "smb3",
        "smbfs",
        "virtiofs",
        "vboxsf",
    }
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def mount_table(path: Path = Path("/proc/mounts")) -> list[tuple[str, str]]:
    """Return ``(mount point, type)`` of every mount; an empty list where the system has no such table."""
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return []
    mounts = []
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) >= 3:
            point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1])
            mounts.append((point, fields[2]))
    return mounts


def network_filesystem(path: Path, mounts: Iterable[tuple[str, str]] | None = None) -> str | None:
    """Return the type of the network file system that ``path`` lies on, None if it is local."""
    target = os.path.realpath(path)
    best, kind = -1, ""
    for point, fstype in mount_table() if mounts is None else mounts:
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        # A later mount on the same point hides the earlier one, hence >=.
        if inside and len(point) >= best:
            best, kind = len(point), fstype
    return kind if kind in NETWORK_FILESYSTEMS else None


def make_private_folder(folder: Path) -> None:
    """Create ``folder`` for this user alone (0700); one that exists keeps its permissions."""
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
