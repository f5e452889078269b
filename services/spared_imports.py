"""What libraries load and make beside what we ask them for, and no command of ours has use for: a third of a start.

Command lines of httpx and cel, which draw rich, pygments and prompt_toolkit after them; SQLAlchemy's object mapper,
which its asyncio package loads for sessions; pydantic's first version, which FastAPI looks for in every annotation;
certificates, which jwt loads for one check; the validators of all models, of which a process needs few soon.
"""

import os
import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import Any


class _Unused(ModuleType):
    """In place of a module whose names are imported by its package, and used by nobody."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


class _Late(ModuleType):
    """In place of a module, until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        del sys.modules[self.__name__]
        self.__dict__.update(import_module(self.__name__).__dict__)
        return self.__dict__[name]


def spare_imports() -> None:
    """Have them not loaded. Call it before httpx, cel, jwt, SQLAlchemy and FastAPI are."""
    # httpx does without `main` where there is none, as without the packages it needs; cel never looks into its own.
    for name in ("httpx._main", "cel.cli"):
        sys.modules.setdefault(name, ModuleType(name))
    for name in ("sqlalchemy.ext.asyncio.session", "sqlalchemy.ext.asyncio.scoping"):
        sys.modules.setdefault(name, _Unused(name))
    sys.modules.setdefault("cryptography.x509", _Late("cryptography.x509"))
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
