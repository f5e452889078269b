"""An earlier release in a clone of its own, with what its lock names: a base that a benchmark is set beside."""

import subprocess
from pathlib import Path

_KEPT = Path(".bench")


def clone_of(commit: str) -> Path | None:
    """Where the release stands, cloned from this repository and kept for the next time; None where it lacks `commit`.

    Raises CalledProcessError where it cannot be installed.
    """
    clone = (_KEPT / commit).resolve()
    if (clone / ".venv" / ".installed").exists():
        return clone
    looking = ["git", "cat-file", "-e", f"{commit}^{{commit}}"]
    if subprocess.run(looking, capture_output=True, check=False).returncode:  # noqa: S603  our own
        return None
    uv = str(Path(".uv/bin/uv").resolve())
    for command in (
        ("rm", "-rf", str(clone)),
        ("git", "clone", "--quiet", "--no-checkout", ".", str(clone)),
        ("git", "-C", str(clone), "checkout", "--quiet", "--detach", commit),
        (uv, "sync", "--quiet", "--locked", "--no-python-downloads", "--extra", "embedded", "--project", str(clone)),
    ):
        subprocess.run(command, check=True)  # noqa: S603  our own
    (clone / ".venv" / ".installed").touch()
    return clone
