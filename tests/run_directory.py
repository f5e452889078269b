"""The directory of a run of the tests, shared by its processes: gone when the run has passed, else kept for a look.

Those that pytest makes lie in one directory, which it closes to all other users each time any run starts: also to the
user as whom PostgreSQL runs where the tests are run by root.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = f"tricolor-tests-{os.getuid()}-"


class RunDirectory:
    """Held by a process until it ends; the process that made it removes it then, if it is no longer `wanted`."""

    def __init__(self, path: Path | None = None) -> None:
        """Take the one at `path`, or make one and remove those that earlier runs have left."""
        self.wanted = True
        if path is None:
            for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
                _remove(left)
            path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            atexit.register(self._end)
        self.path = path
        self._held = os.open(path, os.O_RDONLY)
        fcntl.flock(self._held, fcntl.LOCK_SH)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Of the processes of the run one is inside; others wait."""
        with (self.path / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _end(self) -> None:
        os.close(self._held)
        if not self.wanted:
            _remove(self.path)


def _remove(directory: Path) -> None:
    """Remove the directory of a run unless a process of that run still uses it, or its server is still stopping."""
    with suppress(BlockingIOError, FileNotFoundError), _unused(directory):
        with suppress(FileNotFoundError), _unused(directory / "postgres"):
            pass
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _unused(directory: Path) -> Iterator[None]:
    """Raises BlockingIOError when somebody uses it."""
    held = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)
