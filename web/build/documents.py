"""Write the OpenAPI documents of the services, which the client of the apps is generated from.

A document that did not change is left as it is, so that nothing is generated and built anew for it.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic_core import to_json

from services.runner import BUILDS
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.web.identity import Identity


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
            document, path = to_json(service.app.openapi(), indent=1), directory / f"{name}.json"
            if not path.exists() or path.read_bytes() != document:
                path.write_bytes(document)
    for stray in {path for path in directory.glob("*.json") if path.stem not in BUILDS}:
        stray.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
