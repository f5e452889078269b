"""Every route of the three OpenAPI documents, with what fits them and what does not, as each role: no 5xx, and no
answer whose status, media type or shape is not in the document.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic_core import to_json

from services.sample.anomalies import RED, YELLOW, anomaly
from services.sample.district import district
from shared.contract.cloudevents import BATCH
from shared.contract.roles import Role
from shared.settings import Settings
from shared.time.clock import SystemClock
from tests.processes import Processes, until

ROOT = Path(__file__).parents[2]
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "2")
"""Generated requests a route and role; `make test-fuzz` takes 50."""
PHASES = os.environ.get("FUZZ_PHASES", "fuzzing")
"""`make test-fuzz` also goes through every boundary of every parameter (coverage): some 4,000 requests a role."""
ROLES = [Role(role) for role in os.environ.get("FUZZ_ROLES", Role.ADMIN).split(",")]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


STATION, OFFICERS = "xixiang", [f"xixiang-{number}" for number in range(6)]
ENTERPRISES = district().enterprises[:8]
ENDLESS = {"dispatch": "/v1/assignments/stream", "console": "/v1/stream"}
"""Whoever may listen does so until they hang up, which schemathesis never does. The others must be refused."""
REACH: dict[Role, dict[str, str]] = {
    Role.STATION_CHIEF: {"station": STATION},
    Role.OFFICER: {"subject": OFFICERS[0], "station": STATION},
    Role.ENTERPRISE: {"subject": ENTERPRISES[0].code},
}


@pytest.fixture
def office(
    settings: Settings, topics: list[str], database_url: str, broker: str, tmp_path: Path
) -> Iterator[Processes]:
    """The whole system, with something in hand."""
    del topics
    processes = Processes(settings, database_url, broker, tmp_path)
    processes.start(ROOT, "all")
    with processes.app("all", Role.ADMIN) as admin:
        for path, body in (
            (f"stations/{STATION}", {"name": "西乡所", "district": "440306", "streets": ["西乡"]}),
            *((f"officers/{code}", {"name": code, "station": STATION}) for code in OFFICERS),
            *((f"enterprises/{one.code}", {"name": one.name, "station": STATION}) for one in ENTERPRISES),
        ):
            assert admin.put(f"/dispatch/v1/{path}", json=body).is_success
        now, choice = SystemClock().now(), random.Random(1)
        patterns = [RED, YELLOW] * (len(ENTERPRISES) // 2)
        events = [
            anomaly(pattern, one, one.outlets[0], now, choice)
            for pattern, one in zip(patterns, ENTERPRISES, strict=True)
        ]
        body = b"[" + b",".join(events) + b"]"
        assert admin.post("/ingest/v1/events", content=body, headers={"content-type": BATCH}).status_code == 202
        until(lambda: len(admin.get("/watch/v1/deadlines").json()["items"]) == len(events))
        until(lambda: admin.get("/dispatch/v1/cases", params={"status": "assigned"}).json()["items"])
    yield processes
    alive = processes.alive()
    processes.kill()
    assert alive
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.fixture
def known(office: Processes, tmp_path: Path) -> Path:
    """What is there, by the names of path parameters: see `known_things`."""
    with office.app("all", Role.ADMIN) as admin:
        lists = {
            "alert_id": "/ingest/v1/alerts",
            "case_id": "/dispatch/v1/cases",
            "deadline_id": "/watch/v1/deadlines",
        }
        things = {name: [one[name] for one in admin.get(path).json()["items"]] for name, path in lists.items()}
    with office.app("all", Role.OFFICER, OFFICERS[0], station=STATION) as officer:
        own = officer.get("/dispatch/v1/assignments").json()["items"]
    codes = [one.code for one in ENTERPRISES]
    path = tmp_path / "known.json"
    path.write_bytes(
        to_json(
            {name: values for name, values in things.items() if values}
            | {"assignment_id": [one["assignment_id"] for one in own] or ["none"]}
            | {"code": [STATION, *OFFICERS, *codes], "officer": OFFICERS, "enterprise_code": codes}
            | {"station": [STATION], "year": ["2026", "2027"], "week": ["2026-W48"], "day": ["2026-11-23"]}
        )
    )
    return path


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_as_its_documents_say(office: Processes, known: Path, role: Role) -> None:
    for service in ("ingest", "dispatch", "watch", "console"):
        schemathesis(office, known, service, role)


def schemathesis(office: Processes, known: Path, service: str, role: Role) -> None:
    document = f"{office.http('all')}/{service}/openapi.json"
    # Made when it is first asked for, which on a busy machine takes longer than the ten seconds that are waited below.
    httpx.get(document, timeout=120).raise_for_status()
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", document,
        "--header", f"Authorization: Bearer {office.token(role, **REACH.get(role, {}))}",
        "--checks", CHECKS, "--phases", PHASES, "--max-examples", EXAMPLES, "--seed", "6",
        "--continue-on-failure", "--request-timeout", "60", "--no-color", "--generation-database", "none",
        *(("--exclude-path", ENDLESS[service]) if service in ENDLESS else ()),
    ]  # fmt: skip
    ended = subprocess.run(  # noqa: S603  our own
        command,
        cwd=known.parent,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.fuzz.known_things", "KNOWN_THINGS": str(known)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-4_000:]
