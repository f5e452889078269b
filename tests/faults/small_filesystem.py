"""A filesystem of a few hundred megabytes, which a test fills up: a tmpfs of its own, for which root is needed."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHUNK = bytes(64 * 1024)


class MountRefusedError(Exception):
    """This machine does not let us mount a filesystem: mount needs root, and a container that allows it."""


@contextmanager
def small_filesystem(directory: Path, megabytes: int) -> Iterator[Path]:
    """Mounted on `directory` until the block ends. Raises MountRefusedError."""
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(directory)]
    tried = subprocess.run(mount, capture_output=True, text=True, check=False)  # noqa: S603  ours
    if tried.returncode:
        raise MountRefusedError(f"a disk cannot be filled on this machine, so nothing was tried: {tried.stderr}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", directory], check=True)  # noqa: S603, S607  ours


@contextmanager
def filled(directory: Path) -> Iterator[None]:
    """Not a byte is free until the block ends; then what filled it is gone."""
    ballast = directory / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(_CHUNK)
            except OSError:
                yield
    finally:
        ballast.unlink()
