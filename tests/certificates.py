"""Certificates that a test makes for itself."""

from __future__ import annotations

import subprocess
from pathlib import Path


def self_made(folder: Path, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """Make a certificate for a host, its own authority; returns the files of it and of its key."""
    certificate, key = folder / "own.crt", folder / "own.key"
    name = ("IP:" if host[0].isdigit() else "DNS:") + host
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={host}",
    ]
    command += ["-addext", f"subjectAltName={name}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key
