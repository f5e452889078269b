"""The previous release: the code that still runs while this one's schema is already there."""

import io
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_MIGRATING = ("shared/storage/migrating.py", "shared/migrating.py")
"""Where a release keeps its migrating: the second before November 2026."""
_MIGRATIONS = ":(glob)services/*/migrations/[0-9]*.py"


@dataclass(frozen=True)
class Release:
    """A tree of the code, and the revision it is: None for a copy of the present one."""

    tree: Path
    revision: str | None


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The last release whose schema was another one; the parent commit while no such release bears a newer schema.

    Without history (a tarball, a clone of depth 1) there is no earlier code. The present one takes its place: then
    two processes of one release are rolled, and the run says so.
    """
    tree = tmp_path_factory.mktemp("previous")
    for candidate in _candidates():
        if candidate and any("is_newer" in _git("show", f"{candidate}:{path}") for path in _MIGRATING):
            archived = _git_bytes("archive", candidate, "services", "shared")
            with tarfile.open(fileobj=io.BytesIO(archived)) as archive:
                archive.extractall(tree, filter="data")
            return Release(tree, candidate)
    print("No earlier release in the history at hand: this one is rolled over itself.")  # noqa: T201  said, not skipped
    return Release(ROOT, None)


def _candidates() -> list[str]:
    """The release before the newest change of the schema, and the one before this; the oldest is older than either."""
    newest = _git("log", "-1", "--first-parent", "--format=%H", "--", _MIGRATIONS)
    return [_git("rev-parse", "--verify", "--quiet", f"{revision}~1") for revision in (newest, "HEAD") if revision]


def _git(*arguments: str) -> str:
    return _git_bytes(*arguments).decode().strip()


def _git_bytes(*arguments: str) -> bytes:
    """What git answers; nothing where it, the history or the object is not there."""
    try:
        ended = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, check=False)  # noqa: S603, S607  ours
    except FileNotFoundError:
        return b""
    return ended.stdout if ended.returncode == 0 else b""
