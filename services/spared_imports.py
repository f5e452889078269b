"""Command lines that libraries load with themselves, for terminals of their own: no command of ours has use for them.

They draw rich, pygments and prompt_toolkit after them, some 200 modules: a twentieth of what a start takes.
"""

import sys
from types import ModuleType


def spare_imports() -> None:
    """Have them not loaded. Call it before httpx and cel are."""
    # httpx does without `main` where there is none, as without the packages it needs; cel never looks into its own.
    for name in ("httpx._main", "cel.cli"):
        sys.modules.setdefault(name, ModuleType(name))
