"""The previous release: the code that still runs while this one's schema is already there."""

import io
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RELEASED = "e888f7519a9c8e76dda23658ec970d31675e4fe0"
"""The last state of the code that was handed over to run somewhere; with the next one this names that.

What was landed since ran nowhere: its revisions may still be numbered anew where two were written side by side.
"""


@dataclass(frozen=True)
class Release:
    """A tree of the code, and the revision it is: None for a copy of the present one."""

    tree: Path
    revision: str | None


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """What runs where this will be rolled out.

    Without history (a tarball, a clone of depth 1) there is no earlier code. The present one takes its place: then
    two processes of one release are rolled, and the run says so.
    """
    tree = tmp_path_factory.mktemp("previous")
    if archived := _git("archive", RELEASED, "services", "shared"):
        with tarfile.open(fileobj=io.BytesIO(archived)) as archive:
            archive.extractall(tree, filter="data")
        return Release(tree, RELEASED)
    print("No earlier release in the history at hand: this one is rolled over itself.")  # noqa: T201  said, not skipped
    return Release(ROOT, None)


def _git(*arguments: str) -> bytes:
    """What git answers; nothing where it, the history or the object is not there."""
    try:
        ended = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, check=False)  # noqa: S603, S607  ours
    except FileNotFoundError:
        return b""
    return ended.stdout if ended.returncode == 0 else b""
