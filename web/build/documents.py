"""Write the OpenAPI documents of the services, which the client of the apps is generated from, and who may call what.

A document that did not change is left as it is, so that nothing is generated and built anew for it.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic_core import to_json

from services.runner import BUILDS
from shared.contract.scope import load
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.web.identity import Identity

SCOPE = "scope"
"""By operation, the roles that may call it: what the apps offer to whom."""


def main(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as data:
        settings = Settings(attachments_url=Path(data).as_uri())
        identity = Identity.from_settings(settings, Path(data))
        for name, build in BUILDS.items():
            service = build(
                settings,
                SystemClock(),
                database_url="postgresql+asyncpg://nobody@localhost:1/nothing",
                kafka=settings.kafka_client("localhost:1"),
                identity=identity,
            )
            write(directory / f"{name}.json", service.app.openapi())
    scope = load()
    write(directory / f"{SCOPE}.json", {operation: scope.roles_of(operation) for operation in scope.operations})
    for stray in {path for path in directory.glob("*.json") if path.stem not in {*BUILDS, SCOPE}}:
        stray.unlink()


def write(path: Path, document: Any) -> None:
    content = to_json(document, indent=1)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
