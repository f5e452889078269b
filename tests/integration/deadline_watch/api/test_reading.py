"""Reading deadlines with their explanations over HTTP, explaining one that does not exist, and the calendar."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from uuid import uuid4

import pytest

from shared.contract.events import CaseKind, CaseType
from shared.contract.roles import Role
from tests.integration.deadline_watch.office import ENTERPRISE, STATION, Json, Office

OTHER = "91440306MA5000002X"


async def listed(office: Office, role: Role, query: str = "", **belongs: str) -> list[str]:
    app = await office.app(role, **belongs)
    answer = await app.get(f"/v1/deadlines{query}")
    assert answer.status_code == 200, answer.text
    return [item["case_id"] for item in answer.json()["items"]]


async def test_a_deadline_is_read_with_its_explanation_and_steps(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    await office.at("2026-03-10T10:00")
    await office.receive_step(CaseType.FEEDBACK_SUBMITTED, case)
    app = await office.app(Role.AUDITOR)
    (item,) = (await app.get("/v1/deadlines")).json()["items"]
    read = (await app.get(f"/v1/deadlines/{item['deadline_id']}")).json()
    steps = read.pop("steps")
    assert read.pop("changes") == []
    assert read == item
    explanation = read.pop("explanation")
    assert read == {
        "deadline_id": str((await office.clock_of(case))["deadline_id"]),
        "case_id": str(case.case_id),
        "alert_id": str(case.alert_id),
        "kind": "on_site",
        "level": "red",
        "enterprise_code": ENTERPRISE,
        "station": STATION,
        "started_at": "2026-03-02T08:30:00+08:00",
        "due_at": "2026-03-10T00:00:00+08:00",
        "due_text": "2026-03-09 24:00 (+08:00)",
        "state": "overdue",
        "provisional": False,
        "answered_at": "2026-03-10T10:00:00+08:00",
        "returned_at": None,
        "met_at": None,
        "missed_at": "2026-03-10T00:00:00+08:00",
        "closed_at": None,
        "paused_at": None,
        "unheard_since": None,
        "version": 1,
    }
    assert {"rule", "source", "policy_version", "calendar_version", "days", "text"} <= explanation.keys()
    assert explanation["days"][0]["reason"] == {"zh": "发出当日不计", "en": "the day of issue is not counted"}
    assert "到期：2026-03-09 24:00" in explanation["text"]["zh"]
    assert [(step["step"], step["outcome"]) for step in steps][3:] == [
        ("missed", "fired"),
        ("rung-1-station-chief", "fired"),
        ("rung-2-section", None),
        ("rung-3-leader", None),
    ]
    assert steps[4]["at"] == "2026-03-10T00:00:00+08:00"
    assert steps[4]["recipients"] == ["station_chief"]


async def test_the_list_is_filtered_by_state_level_and_station(office: Office) -> None:
    yellow = await office.opened()
    red = await office.opened(CaseKind.ON_SITE, station="shajing")
    await office.at("2026-03-02T11:30")
    for query, expected in (
        ("", [yellow, red]),
        ("?state=warned", [yellow]),
        ("?state=open", [red]),
        ("?state=met", []),
        ("?level=red", [red]),
        (f"?station={STATION}", [yellow]),
        (f"?level=red&station={STATION}", []),
        (f"?case_id={red.case_id}", [red]),
    ):
        assert await listed(office, Role.SECTION, query) == [str(case.case_id) for case in expected]


async def test_pages_follow_one_another_also_among_equal_due_times(office: Office) -> None:
    for index in range(7):
        await office.opened()
        if index % 3 == 2:
            office.clock.advance(timedelta(minutes=1))
    app = await office.app(Role.ADMIN)
    items: list[Json] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await app.get("/v1/deadlines", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        items += page["items"]
        cursor = page["next"]
    keys = [(item["due_at"], item["deadline_id"]) for item in items]
    assert len(set(keys)) == 7
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    "key",
    ["", '["now and then", "%s"]', '["2026-03-02T08:30:00", "%s"]', '["2026-03-02T08:30:00+08:00", "x"]', "[1, 2]"],
    ids=["no JSON", "no instant", "a naive instant", "no identifier", "no texts"],
)
async def test_a_cursor_that_no_page_gave_is_refused(office: Office, key: str) -> None:
    cursor = urlsafe_b64encode(key.replace("%s", str(uuid4())).encode()).decode()
    answer = await (await office.app(Role.ADMIN)).get("/v1/deadlines", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tricolor:problem:invalid-cursor")


async def test_everybody_sees_what_is_theirs(office: Office) -> None:
    own = str((await office.opened()).case_id)
    other = str((await office.opened(enterprise_code=OTHER, station="shajing")).case_id)
    for role in (Role.SECTION, Role.LEADER, Role.AUDITOR, Role.ADMIN):
        assert set(await listed(office, role)) == {own, other}
    for role in (Role.STATION_CHIEF, Role.OFFICER):
        assert await listed(office, role, station=STATION) == [own]
        assert await listed(office, role) == []
    assert await listed(office, Role.ENTERPRISE, enterprise=OTHER) == [other]
    assert await listed(office, Role.STATION_CHIEF, "?station=shajing", station=STATION) == []

    (hidden,) = [row for row in await office.emitted("deadline.started") if row["case_id"] == other]
    for role, belongs in ((Role.STATION_CHIEF, {"station": STATION}), (Role.ENTERPRISE, {"enterprise": ENTERPRISE})):
        answer = await (await office.app(role, **belongs)).get(f"/v1/deadlines/{hidden['deadline_id']}")
        assert answer.status_code == 404


async def test_platforms_and_strangers_see_none(office: Office) -> None:
    platform = await office.app(Role.PLATFORM)
    assert (await platform.get("/v1/deadlines")).status_code == 403
    platform.headers.pop("Authorization")
    assert (await platform.get("/v1/deadlines")).status_code == 401
    assert (await platform.post("/v1/deadlines/explain", json={})).status_code == 401


async def test_a_deadline_that_is_not_there(office: Office) -> None:
    answer = await (await office.app(Role.ADMIN)).get(f"/v1/deadlines/{uuid4()}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:tricolor:problem:not-found")


async def test_explaining_stores_nothing_and_says_what_would_happen(office: Office) -> None:
    app = await office.app(Role.PLATFORM)
    red = await app.post("/v1/deadlines/explain", json={"level": "red", "start": "2026-12-29T16:20:00+08:00"})
    answer = red.json()
    assert answer["due_at"] == "2027-01-07T00:00:00+08:00"
    assert answer["due_text"] == "2027-01-06 24:00 (+08:00)"
    assert answer["provisional"]
    assert [step["recipients"] for step in answer["ladder"]] == [["station_chief"], ["section"], ["leader"]]
    assert answer["warnings"][-1]["at"] == "2027-01-06T09:00:00+08:00"

    # A start in another offset is the same instant.
    yellow = await app.post("/v1/deadlines/explain", json={"level": "yellow", "start": "2026-03-02T00:30:00Z"})
    assert yellow.json()["due_at"] == "2026-03-02T14:30:00+08:00"
    assert await listed(office, Role.ADMIN) == []
    assert not await office.emitted()


@pytest.mark.parametrize(
    "asked",
    [
        {"level": "red", "start": "2026-12-29T16:20:00"},
        {"level": "red", "start": "yesterday"},
        {"level": "red", "start": "9999-12-31T23:00:00+08:00"},
        {"level": "red", "start": "0001-01-01T00:00:00+08:00"},
        {"level": "white", "start": "2026-12-29T16:20:00+08:00"},
        {"level": "red"},
        {"level": "red", "start": "2026-12-29T16:20:00+08:00", "days": 6},
    ],
    ids=["naive", "no instant", "end of time", "beginning of time", "white", "no start", "unknown field"],
)
async def test_a_question_that_has_no_answer_is_refused(office: Office, asked: Json) -> None:
    answer = await (await office.app(Role.OFFICER, station=STATION)).post("/v1/deadlines/explain", json=asked)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tricolor:problem:invalid-request")


async def test_a_year_of_the_calendar_names_its_notice(office: Office) -> None:
    app = await office.app(Role.ENTERPRISE, ENTERPRISE)
    year = (await app.get("/v1/calendar/2026")).json()
    assert year["published"]
    assert year["notice"]["title"]
    assert "2026-10-10" in year["make_up_days"]["国庆节"]
    assert (await app.get("/v1/calendar/1990")).status_code == 404
    assert (await app.get("/v1/calendar/soon")).status_code == 422


async def test_not_ready_until_kafka_has_given_partitions(office: Office) -> None:
    answer = await (await office.app(Role.ADMIN)).get("/readyz")
    assert answer.status_code == 503
    assert set(answer.json()["missing"]) == {"kafka"}  # migrated, but not started
