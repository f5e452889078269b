"""Every GET route of the services as every role, in a world with a case of every kind and of many states.

Fails where a field that can be answered to somebody outside the bureau has no line in the disclosure table, and where
a role is shown what the table denies. Routes and fields are those of the OpenAPI documents: nobody keeps a list.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import httpx
import pytest

from services.alert_ingest.domain import disclosure as of_ingest
from services.console.domain import disclosure as of_console
from services.deadline_watch.domain import disclosure as of_watch
from services.dispatcher.domain import disclosure as of_dispatcher
from services.sample.anomalies import RED, WHITE, YELLOW
from services.sample.district import Enterprise
from shared.contract.disclosure import Sight, Table, sees
from shared.contract.events import CaseKind
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

TABLES: dict[str, Table] = {
    "ingest": of_ingest.TABLE,
    "dispatch": of_dispatcher.TABLE,
    "watch": of_watch.TABLE,
    "console": of_console.TABLE,
}
OUTSIDE = {Role.ENTERPRISE: (Sight.OWN, Sight.VISIT, Sight.OUTCOME), Role.PLATFORM: (Sight.SOURCE,)}
ELSEWHERE, SECOND, OTHER = "shajing", "91440306MA5000002W", "91440300MA5OTHER00"
TIP_OFF, FINDINGS, REASON = "群众举报线索", "治污设施未运行", "第一次派单有误"
PLACE = {"longitude": 113.912345, "latitude": 22.554321}
STREAMS = frozenset({"/v1/assignments/stream", "/v1/stream"})
"""They never end; what they send is what `/v1/assignments`, `/v1/cases`, `/v1/alerts` answer, to the same callers."""


class Hidden(dict[str, str]):
    """What must not stand in any answer to the enterprise or to a platform, by what it is."""


async def full_world(world: World, enterprise: Enterprise) -> tuple[dict[str, list[str]], Hidden]:
    """Cases before, during and after a visit, self-reports before and after review; and their identifiers by name."""
    admin = await world.app(Role.ADMIN)
    await admin.put(f"/dispatch/v1/stations/{ELSEWHERE}", json={"name": "沙井所", "district": "440306", "streets": []})
    chief = await world.app(Role.STATION_CHIEF, "chief", station=STATION)
    gas, _ = enterprise.outlets
    outlets = tuple(replace(one, mn=f"{one.mn}-2") for one in enterprise.outlets)
    silent = replace(enterprise, code=SECOND, outlets=outlets)
    registered = {"name": "第二厂", "district": "440306", "street": "新安", "station": STATION}
    assert (await admin.put(f"/dispatch/v1/enterprises/{SECOND}", json=registered)).is_success

    # A visit that is over: red, reported, approved. Then another matter, on site, and one that is only on the way.
    for ended in (True, False):
        await world.push(RED, enterprise, gas)
        await world.settle()
        opened = world.heard("case.opened", kind="on_site")[-1]
        why = {"reason": f"{REASON}：{TIP_OFF}", "team": ["xinan-02", "xinan-03"]}
        assert (await chief.post(f"/dispatch/v1/cases/{opened['case_id']}/reassign", json=why)).is_success
        await visit(world, opened["case_id"], "accept", "depart", "arrive", ended=ended)
        await world.after(hours=24)
    # Yellow, left alone until officers go and see.
    await world.push(YELLOW, silent)
    await world.settle()
    own = await world.app(Role.ENTERPRISE, SECOND)
    (yellow,) = world.heard("case.opened", kind="self_report")
    await world.push(WHITE, enterprise, gas)
    await world.after(hours=7)
    await world.settle()
    hidden = Hidden({"reason": TIP_OFF, "position": "113.912345", "findings": FINDINGS, "travel": "en_route"})
    for event in world.heard("case.opened", kind="verification"):
        hidden["verification"] = event["case_id"]
    assert "verification" in hidden
    ids: dict[str, list[str]] = {
        "case_id": [one["case_id"] for one in world.heard("case.opened")],
        "alert_id": [one["alert_id"] for one in world.heard("alert.graded")],
        "deadline_id": [one["deadline_id"] for one in world.heard("deadline.started")],
        "code": [enterprise.code, STATION, "xinan-01"],
        "outlet": [gas.code],
        "station": [STATION],
        "week": ["2026-W10"],
        "year": ["2026"],
        "kind": ["enterprises"],
        "state": ["open"],
    }
    ids["attachment_id"] = []
    for case_id in ids["case_id"]:
        files = (await chief.get(f"/dispatch/v1/cases/{case_id}/attachments")).json()
        listed = files["items"] if isinstance(files, dict) else files
        ids["attachment_id"] += [one["attachment_id"] for one in listed]
    assert len(ids["attachment_id"]) == 2
    assert (await own.get(f"/dispatch/v1/cases/{yellow['case_id']}")).json()["overdue"]
    return ids, hidden


async def visit(world: World, case_id: str, *steps: str, ended: bool) -> None:
    await world.settle()
    team = world.heard("case.reassigned", case_id=case_id)[-1]["team"]
    apps = [await world.app(Role.OFFICER, member["officer"], station=STATION) for member in team]
    for step, app in product(steps, apps):
        (own,) = [
            one for one in (await app.get("/dispatch/v1/assignments")).json()["items"] if one["case_id"] == case_id
        ]
        body = {"position": PLACE} if step == "arrive" else {}
        assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}", json=body)).is_success
    files = {"file": ("现场.png", b"\x89PNG\r\n\x1a\n" + case_id.encode() * 20)}
    assert (await apps[0].post(f"/dispatch/v1/cases/{case_id}/attachments", files=files)).is_success
    if ended:
        report = {"findings": FINDINGS, "measures": "已整改", "outcome": "rectified"}
        assert (await apps[0].post(f"/dispatch/v1/cases/{case_id}/feedback", json=report)).is_success
        chief = await world.app(Role.STATION_CHIEF, "chief", station=STATION)
        assert (await chief.post(f"/dispatch/v1/cases/{case_id}/approve")).is_success
    await world.settle()


async def test_no_route_shows_more_than_the_table(the_world: World, enterprise: Enterprise) -> None:
    ids, hidden = await full_world(the_world, enterprise)
    who: dict[Role, dict[str, Any]] = {
        Role.ENTERPRISE: {"subject": "张三", "enterprises": (enterprise.code, SECOND)},
        Role.OFFICER: {"subject": "xinan-01", "station": STATION},
        Role.STATION_CHIEF: {"subject": "chief", "station": STATION},
    }
    apps = {role: await the_world.app(role, **who.get(role, {})) for role in Role}
    strangers = {
        Role.ENTERPRISE: await the_world.app(Role.ENTERPRISE, OTHER),
        Role.STATION_CHIEF: await the_world.app(Role.STATION_CHIEF, "chief", station=ELSEWHERE),
        Role.PLATFORM: await the_world.app(Role.PLATFORM, "another", sources=("/platforms/another",)),
    }
    faults: list[str] = []
    for service, table in TABLES.items():
        document = (await apps[Role.ADMIN].get(f"/{service}/openapi.json")).json()
        for path, operation in routes(document):
            answered = list(paths(path, ids))
            for role, app in apps.items():
                for filled in answered:
                    answer = await app.get(f"/{service}{filled}")
                    assert answer.status_code < 500, (role, filled, answer.text)
                    if role in OUTSIDE and answer.is_success and is_json(answer):
                        where = f"{role} {service}{filled}"
                        schema = schema_of(operation)
                        faults += [
                            f"{where}: {fault}"
                            for fault in denied(document, schema, answer.json(), table, OUTSIDE[role])
                        ]
                        faults += [f"{where}: shows the {name}" for name, it in hidden.items() if it in answer.text]
            for role, app in strangers.items():
                for filled in answered:
                    answer = await app.get(f"/{service}{filled}")
                    told = [it for it in (*ids["case_id"], *ids["alert_id"]) if it in answer.text and it not in filled]
                    if answer.is_success and told:
                        faults.append(f"a strange {role} {service}{filled}: {told}")
    assert not faults, "\n".join(sorted(set(faults)))


@pytest.mark.parametrize("service", TABLES)
async def test_every_field_answered_outside_the_bureau_has_a_line(the_world: World, service: str) -> None:
    """A new field is a decision: who sees it? Its line stands in `domain/disclosure.py` of its service."""
    outside = [await the_world.app(role, role.value) for role in OUTSIDE]
    document = (await outside[0].get(f"/{service}/openapi.json")).json()
    nothing = {name: ["01900000-0000-7000-8000-000000000000"] for name in names_of(document)}
    missing: set[str] = set()
    for path, operation in routes(document):
        filled = next(iter(paths(path, nothing)))
        # Whom the route refuses is asked before what is asked for.
        if all([(await app.get(f"/{service}{filled}")).status_code == 403 for app in outside]):
            continue
        for record, fields in records(document, schema_of(operation)).items():
            known = TABLES[service].get(record, {})
            missing |= {f"{record}.{field}" for field in fields if not {field, "*"} & known.keys()}
    assert not missing, f"no line in the disclosure table of {service}: {sorted(missing)}"


def routes(document: Json) -> Iterator[tuple[str, Json]]:
    """The GET routes with what they answer; `STREAMS` apart."""
    for path, item in document["paths"].items():
        if "get" in item and path not in STREAMS:
            yield path, item["get"]


def names_of(document: Json) -> set[str]:
    return {name for path in document["paths"] for name in re.findall(r"{(\w+)}", path)}


def paths(path: str, known: dict[str, list[str]]) -> Iterator[str]:
    """The route's path with every identifier that is known for each of its parameters."""
    names = re.findall(r"{(\w+)}", path)
    for values in product(*(known.get(name, ["01900000-0000-7000-8000-000000000000"]) for name in names)):
        filled = path
        for name, value in zip(names, values, strict=True):
            filled = filled.replace(f"{{{name}}}", value)
        yield filled + ("?by=category" if path.endswith("/false-alarms") else "")


def schema_of(operation: Json) -> Json:
    content = operation["responses"].get("200", {}).get("content", {})
    return dict(content.get("application/json", {}).get("schema", {}))


def is_json(answer: httpx.Response) -> bool:
    return str(answer.headers.get("content-type")).startswith("application/json")


def record_of(name: str) -> str:
    """The record's own name: FastAPI puts the module before one of two of the same name."""
    return name.rpartition("__")[2]


def records(document: Json, schema: Any, found: dict[str, set[str]] | None = None) -> dict[str, set[str]]:
    """The records within a schema and their fields; pages are no records."""
    found = {} if found is None else found
    if isinstance(schema, list):
        for one in schema:
            records(document, one, found)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            component = document["components"]["schemas"][name]
            if name not in found and "properties" in component:
                found[name] = set(component["properties"])
                records(document, component, found)
        else:
            records(document, list(schema.values()), found)
    return {record_of(name): fields for name, fields in found.items() if not is_page(name)} if found else {}


def is_page(name: str) -> bool:
    return name.startswith("Page_")


def narrowed(answer: Any, sights: tuple[Sight, ...]) -> tuple[Sight, ...]:
    """Of an enterprise's sights the one of this record, where it says which kind of case it is about."""
    if not isinstance(answer, dict) or answer.get("kind") not in {*CaseKind} or Sight.OWN not in sights:
        return sights
    if answer["kind"] == CaseKind.SELF_REPORT:
        return (Sight.OWN,)
    return (Sight.OUTCOME,) if answer.get("closed_at") else (Sight.VISIT,)


def denied(document: Json, schema: Json, answer: Any, table: Table, sights: tuple[Sight, ...]) -> Iterator[str]:
    """The fields of an answer that say something and have no line for any of the sights."""
    sights = narrowed(answer, sights)
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        component = document["components"]["schemas"][name]
        for field, inner in component.get("properties", {}).items():
            if not isinstance(answer, dict) or not (value := answer.get(field)):
                continue
            record = record_of(name)
            if not is_page(name) and not any(sees(table, record, field, sight) for sight in sights):
                yield f"{record}.{field} = {value!r:.60}"
            yield from denied(document, inner, value, table, sights)
    elif isinstance(answer, list):
        for one in answer:
            yield from denied(document, schema.get("items", {}), one, table, sights)
    elif isinstance(answer, dict):
        for choice in schema.get("anyOf", []):
            name = choice.get("$ref", "").rpartition("/")[2]
            required = set(document["components"]["schemas"].get(name, {}).get("required", []))
            if required and required <= answer.keys():
                yield from denied(document, choice, answer, table, sights)
