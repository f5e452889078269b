"""The directory of a run of the tests, shared by its processes: gone when the run has passed, else kept for a look.

Those that pytest makes lie in one directory, which it closes to all other users each time any run starts: also to the
user as whom PostgreSQL runs where the tests are run by root.

The databases lie in memory where there is room. Each has a thousand files, and each test has a new one: ext4 looks for
every new file through all that were removed within the last minute.
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
_MEMORY = Path("/dev/shm")  # noqa: S108  what is made there has a name of its own
_ROOM = 2 * 1024**3
"""Ten times what the databases of a run take: four tests at once have one each, of 14 MB."""


class RunDirectory:
    """Held by a process until it ends; the process that made it removes it then, if it is no longer `wanted`."""

    def __init__(self, path: Path | None = None) -> None:
        """Take the one at `path`, or make one and remove those that earlier runs have left."""
        self.wanted = True
        if path is None:
            for place in (Path(tempfile.gettempdir()), _MEMORY):
                for left in place.glob(f"{_PREFIX}*"):
                    _remove(left)
            path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            if _has_room(_MEMORY):
                (_MEMORY / path.name).mkdir(mode=0o700)
            atexit.register(self._end)
        self.path = path
        in_memory = _MEMORY / path.name
        self.databases = in_memory if in_memory.exists() else path
        self._held = [os.open(one, os.O_RDONLY) for one in {self.path, self.databases}]
        for held in self._held:
            fcntl.flock(held, fcntl.LOCK_SH)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Of the processes of the run one is inside; others wait."""
        with (self.path / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _end(self) -> None:
        for held in self._held:
            os.close(held)
        if not self.wanted:
            for one in {self.databases, self.path}:
                _remove(one)


def _has_room(directory: Path) -> bool:
    return os.access(directory, os.W_OK) and shutil.disk_usage(directory).free > _ROOM


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
