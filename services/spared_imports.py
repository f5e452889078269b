"""What libraries load and make beside what we ask them for, and no command of ours has use for: a third of a start.

Command lines of httpx and cel, which draw rich, pygments and prompt_toolkit after them; SQLAlchemy's object mapper,
which its asyncio package loads for sessions; pydantic's first version, which FastAPI looks for in every annotation; the
validators of all models, of which a process needs few soon and most never.
"""

import os
import sys
import warnings
from types import ModuleType


class _Unused(ModuleType):
    """In place of a module whose names are imported by its package, and used by nobody."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


def spare_imports() -> None:
    """Have them not loaded. Call it before httpx, cel, SQLAlchemy and FastAPI are."""
    # httpx does without `main` where there is none, as without the packages it needs; cel never looks into its own.
    for name in ("httpx._main", "cel.cli"):
        sys.modules.setdefault(name, ModuleType(name))
    for name in ("sqlalchemy.ext.asyncio.session", "sqlalchemy.ext.asyncio.scoping"):
        sys.modules.setdefault(name, _Unused(name))
    sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]  # which says that there is none


def build_models_late() -> None:
    """Have each model make its validator when it is first used. Call it before models are loaded."""
    from pydantic import BaseModel  # noqa: PLC0415  `--help` does without
    from pydantic.warnings import UnsupportedFieldAttributeWarning  # noqa: PLC0415

    BaseModel.model_config["defer_build"] = True
    # Plugins of pydantic, of which we have none, are looked for in the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Of bodies that FastAPI takes it is to be ignored, which FastAPI does while it expects them to be made.
    warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
