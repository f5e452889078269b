"""Every operation that changes something leaves evidence: who did it, by which token, when, and about what.

The operations are those of the table whose route is not only read. One that is neither walked here nor said to change
nothing fails the last test.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic_core import from_json
from sqlalchemy import text

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.deadline_watch.domain import policy as deadline_policy
from services.dispatcher.domain import policy as dispatch_policy
from services.runner import BUILDS
from services.sample.anomalies import RED, WHITE, YELLOW
from services.sample.district import Enterprise
from shared.contract import scope
from shared.contract.roles import Role
from shared.evidence.log import as_hashed
from tests.scenarios.conftest import STATION
from tests.scenarios.test_every_route_shows_each_role_no_more_than_the_table import SECOND
from tests.scenarios.test_grades_stand_against_the_facts import push as push_changed
from tests.world import Json, World

WHY = {"reason": "核查"}
GROUND = WHY | {"legal_ground": "依据"}
FALSE = WHY | {"ground": "calibration"}
REPORT = {"cause": "加药泵故障", "measures": "已更换并复测达标", "finished_at": "2026-03-02T08:30:00+08:00"}
FEEDBACK = {"findings": "治污设施未正常运行", "measures": "责令立即改正", "outcome": "rectified"}
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
NOTICE = {"title": "国务院办公厅关于2027年部分节假日安排的通知", "number": "国办发明电〔2026〕9号"}
CHANGES_NOTHING = {
    "tryEvent": "nothing is stored",
    "tryCandidate": "nothing is stored",
    "checkCandidate": "nothing is stored",
    "backtestCandidate": "nothing is stored",
    "explainDeadline": "nothing is stored",
}
KEPT_OTHERWISE = {
    "releaseBrake": "its event is evidence like any other; a stopped partition takes a world of its own: test_brakes",
}
MASTER_DATA = frozenset(
    {
        "writeStation",
        "changeStation",
        "writeOfficer",
        "changeOfficer",
        "writeStaff",
        "changeStaff",
        "writeEnterprise",
        "changeEnterprise",
        "setEntryCode",
        "removeEntryCode",
        "writeOutlet",
        "changeOutlet",
        "importSheet",
        "planInspections",
    }
)
DUTY = frozenset(
    {
        "writeRota",
        "substituteOfficer",
        "cancelSubstitution",
        "takeLeave",
        "cancelLeave",
        "recuseOfficer",
        "endRecusal",
        "recordAbsence",
        "endAbsence",
    }
)
RULES = frozenset(
    {
        "publishRuleBook",
        "publishDispatchPolicy",
        "publishDeadlinePolicy",
        "importCalendarYear",
        "addLocalDayOff",
        "confirmProposal",
        "rejectProposal",
        "withdrawProposal",
    }
)
ACCESS = frozenset(
    {"createApiKey", "rotateApiKey", "revokeApiKey", "exportCases", "exportAlerts", "exportFigures", "exportCase"}
)
VISIT = frozenset(
    {
        "acceptAssignment",
        "declineAssignment",
        "departForAssignment",
        "arriveForAssignment",
        "applyOfflineActions",
        "giveFeedback",
        "approveCase",
        "returnCase",
        "reassignCase",
        "recordPresence",
        "handOverCase",
        "transferCase",
        "suspendCase",
        "resumeCase",
        "unmergeCase",
        "reopenCase",
        "recordFileNumber",
        "acknowledgeNotice",
        "recordDelivery",
        "pauseDeadline",
        "resumeDeadline",
        "extendDeadline",
    }
)
FILES = frozenset(
    {"addAttachment", "createUpload", "appendToUpload", "overrideUploadMethod", "terminateUpload", "overruleUpload"}
)
ALERTS = frozenset(
    {
        "pushEvents",
        "declareShutdown",
        "dismissAlert",
        "pleadFalseAlarm",
        "downgradeAlert",
        "confirmAlert",
        "confirmDecision",
        "rejectDecision",
        "submitSelfReport",
        "retryDeadLetters",
        "retryDeadLetter",
        "discardDeadLetter",
    }
)


@dataclass
class Walk:
    """Does one act after another, and looks at what each of them left."""

    world: World
    done: set[str] = field(default_factory=set)

    async def act(
        self, operation: str, app: httpx.AsyncClient, method: str, path: str, body: Json | None = None, **more: Any
    ) -> Any:
        """The answer, once it is seen that the act is kept: a record by its token, of the chains that it names."""
        before = await self._positions()
        if body is not None:
            more["json"] = body
        answer = await app.request(method, path, **more)
        assert answer.is_success, f"{operation} {path}: {answer.status_code} {answer.text}"
        kept = await self._since(before)
        assert [one for one in kept if "token" in one], f"{operation} {path} left no record with its token: {kept}"
        self.done.add(operation)
        return answer.json() if answer.headers.get("content-type", "").startswith("application/json") else answer

    async def proposed(
        self, operation: str, app: httpx.AsyncClient, method: str, path: str, body: Json
    ) -> tuple[str, str]:
        """The service and number of what is proposed."""
        answer = await self.act(operation, app, method, path, body)
        return path.split("/")[1], answer["proposal"]["proposal_id"]

    async def _positions(self) -> Mapping[str, int]:
        found = {}
        for name in BUILDS:
            service = self.world.services[name]
            async with service.database.autocommit() as connection:
                schema = service.outbox.table.schema
                found[name] = await connection.scalar(text(f"select coalesce(max(position), 0) from {schema}.evidence"))
        return found

    async def _since(self, positions: Mapping[str, int]) -> list[Json]:
        found: list[Json] = []
        for name, position in positions.items():
            service = self.world.services[name]
            async with service.database.autocommit() as connection:
                rows = await connection.scalars(
                    text(f"select content from {service.outbox.table.schema}.evidence where position > :position"),
                    {"position": position},
                )
                found += [from_json(as_hashed(row)) for row in rows]
        return found


@pytest.fixture
def walk(the_world: World) -> Walk:
    return Walk(the_world)


async def chief_of(world: World) -> httpx.AsyncClient:
    return await world.app(Role.STATION_CHIEF, "chief", station=STATION)


def seen(operations: Set[str], walk: Walk) -> None:
    assert walk.done == operations


async def test_master_data(walk: Walk, enterprise: Enterprise) -> None:
    admin = await walk.world.app(Role.ADMIN, "boss")
    for name, path, written, changed in (
        (
            "Station",
            "stations/shajing",
            {"name": "沙井所", "district": "440306", "streets": ["沙井"]},
            {"name": "沙井中队"},
        ),
        ("Officer", "officers/xinan-04", {"name": "林海", "station": STATION}, {"on_duty": False}),
        ("Staff", "staff/he", {"name": "何科", "role": "section"}, {"name": "何科长"}),
        (
            "Enterprise",
            f"enterprises/{SECOND}",
            {"name": "第二厂", "district": "440306", "street": "新安", "station": STATION},
            {"name": "第二工厂"},
        ),
        (
            "Outlet",
            f"enterprises/{SECOND}/outlets/DA001",
            {"name": "排放口", "medium": "gas", "mn": "A440306000099"},
            {"name": "锅炉排放口"},
        ),
    ):
        await walk.act(f"write{name}", admin, "PUT", f"/dispatch/v1/{path}", written)
        await walk.act(f"change{name}", admin, "PATCH", f"/dispatch/v1/{path}", changed)
    gate = f"/dispatch/v1/enterprises/{SECOND}/entry-code"
    await walk.act("setEntryCode", admin, "PUT", gate, {"entry_code": "GATE-7K3Q"})
    await walk.act("removeEntryCode", admin, "DELETE", gate)
    plan = f"计划编号,信用代码,抽查事项,开始日期,结束日期\r\nSZ-1,{SECOND},执法检查,2026/1/1,2026/3/31\r\n".encode()
    query, files = {"kind": "inspections", "dry_run": False}, {"file": ("计划.csv", plan)}
    await walk.act("importSheet", admin, "POST", "/dispatch/v1/imports", params=query, files=files)
    planned = {
        "plan": "SZ-2",
        "enterprise_code": enterprise.code,
        "planned_from": "2026-01-01",
        "planned_until": "2026-03-31",
    }
    await walk.act("planInspections", admin, "POST", "/dispatch/v1/inspections", {"inspections": [planned]})
    seen(MASTER_DATA, walk)


async def test_who_is_on_duty(walk: Walk, enterprise: Enterprise) -> None:
    chief = await chief_of(walk.world)
    rota = {"days": {"2026-03-09": ["xinan-01"]}}
    await walk.act("writeRota", chief, "PUT", f"/dispatch/v1/stations/{STATION}/rota/2026-W11", rota)
    instead = WHY | {"day": "2026-03-09", "officer": "xinan-01", "substitute": "xinan-02"}
    await walk.act("substituteOfficer", chief, "POST", "/dispatch/v1/substitutions", instead)
    await walk.act("cancelSubstitution", chief, "POST", "/dispatch/v1/substitutions/2026-03-09/xinan-01/cancel")
    leave = WHY | {"officer": "xinan-03", "first_day": "2026-05-03", "last_day": "2026-05-03"}
    granted = await walk.act("takeLeave", chief, "POST", "/dispatch/v1/leaves", leave)
    await walk.act("cancelLeave", chief, "POST", f"/dispatch/v1/leaves/{granted['leave_id']}/cancel")
    recusal = WHY | {"officer": "xinan-01", "enterprise_code": enterprise.code}
    await walk.act("recuseOfficer", chief, "POST", "/dispatch/v1/recusals", recusal)
    await walk.act("endRecusal", chief, "POST", f"/dispatch/v1/recusals/{enterprise.code}/xinan-01/end")
    absence = WHY | {
        "role": "station_chief",
        "station": STATION,
        "since": "2026-03-02T08:00:00+08:00",
        "until": "2026-03-09T09:00:00+08:00",
    }
    recorded = await walk.act("recordAbsence", chief, "POST", "/watch/v1/absences", absence)
    await walk.act("endAbsence", chief, "POST", f"/watch/v1/absences/{recorded['absence_id']}/end")
    seen(DUTY, walk)


def reversioned(body: str, version: str) -> str:
    lines = [f"version: {version}" if line.startswith("version:") else line for line in body.splitlines()]
    return "\n".join(lines)


async def test_what_decides(walk: Walk) -> None:
    """Each is proposed by one and brought into force by another, and that it was is a record of its own chain."""
    section = await walk.world.app(Role.SECTION, "zhao")
    leader = await walk.world.app(Role.LEADER, "qian")
    year = {"days_off": {"元旦": ["2027-01-01"]}, "make_up_days": {}, "notice": NOTICE}
    shipped = dispatch_policy.DATA.read_text(encoding="utf-8")
    deadlines = deadline_policy.DATA.read_text(encoding="utf-8")
    published: list[tuple[str, str, str, str, Json, str]] = [
        (
            "publishRuleBook",
            "POST",
            "/ingest/v1/rule-book",
            "ingest",
            {"book": reversioned(RULE_BOOK.read_text(encoding="utf-8"), "next"), "reason": "局务会"}
            | {"effective_from": "2026-03-03T00:00:00+08:00"},
            "rule-book",
        ),
        (
            "publishDispatchPolicy",
            "POST",
            "/dispatch/v1/dispatch-policies",
            "dispatch",
            {"policy": reversioned(shipped, "2026-03-02.1"), "reason": "局务会"}
            | {"effective_from": "2026-03-03T00:00:00+08:00"},
            "dispatch-policy",
        ),
        (
            "publishDeadlinePolicy",
            "POST",
            "/watch/v1/deadline-policies",
            "watch",
            {"policy": reversioned(deadlines, "next"), "reason": "局务会"}
            | {"effective_from": "2026-03-03T00:00:00+08:00"},
            "deadline-policy",
        ),
        ("importCalendarYear", "PUT", "/watch/v1/calendar/2027", "watch", year, "calendar:2027"),
        (
            "addLocalDayOff",
            "PUT",
            "/watch/v1/calendar/local-days-off/2026-03-05",
            "watch",
            {"name": "台风停工", "ground": "深防指〔2026〕1号令"},
            "calendar:2026",
        ),
    ]
    for operation, method, path, schema, body, chain in published:
        for decided in ("withdraw", "reject", "confirm"):
            service, proposal_id = await walk.proposed(operation, section, method, path, body)
            decider = section if decided == "withdraw" else leader
            decision = f"/{service}/v1/proposals/{proposal_id}/{decided}"
            await walk.act(f"{decided}Proposal", decider, "POST", decision, WHY if decided == "reject" else {})
        database = walk.world.services["watch"].database
        async with database.autocommit() as connection:
            kept = await connection.scalars(
                text(f"select content from {schema}.evidence where chain = :chain"), {"chain": chain}
            )
            (record,) = [from_json(as_hashed(one)) for one in kept]
        assert record["actor"] == {"role": "leader", "subject": "qian"}
        assert record["policy"]
        assert record["token"]
    seen(RULES, walk)


async def test_what_opens_and_what_is_taken_away(walk: Walk, enterprise: Enterprise) -> None:
    admin = await walk.world.app(Role.ADMIN, "boss")
    given = {"platform": "sz-auto", "sources": ["/platforms/mine"]}
    key = await walk.act("createApiKey", admin, "POST", "/ingest/v1/api-keys", given)
    rotated = await walk.act("rotateApiKey", admin, "POST", f"/ingest/v1/api-keys/{key['key_id']}/rotate", {})
    await walk.act("revokeApiKey", admin, "POST", f"/ingest/v1/api-keys/{rotated['key_id']}/revoke", WHY)
    async with walk.world.services["ingest"].database.autocommit() as connection:
        stored = await connection.scalars(text("select document from ingest.evidence"))
        documents = b"".join(map(as_hashed, stored))
    for one in (key, rotated):
        assert one["key"].encode() not in documents

    await walk.world.push(RED, enterprise)
    await walk.world.settle()
    (opened,) = walk.world.heard("case.opened")
    await walk.act("exportCases", admin, "GET", "/console/v1/cases.csv")
    await walk.act("exportFigures", admin, "GET", "/console/v1/figures.csv")
    await walk.act("exportAlerts", admin, "GET", "/console/v1/alerts.xlsx")
    bundle = f"/dispatch/v1/cases/{opened['case_id']}/evidence/bundle"
    await walk.act("exportCase", admin, "POST", bundle, WHY)
    seen(ACCESS, walk)


class Visit:
    """A red case as its people act on it."""

    def __init__(self, walk: Walk, case_id: str) -> None:
        self.walk, self.case_id = walk, case_id
        self.path = f"/dispatch/v1/cases/{case_id}"

    @property
    def team(self) -> list[str]:
        heard = [
            event["data"]
            for event in self.walk.world.told
            if event["data"].get("case_id") == self.case_id and event["data"].get("team")
        ]
        return [member["officer"] for member in heard[-1]["team"]]

    async def officer(self, code: str) -> httpx.AsyncClient:
        return await self.walk.world.app(Role.OFFICER, code, station=STATION)

    async def own(self, app: httpx.AsyncClient) -> str:
        mine = (await app.get("/dispatch/v1/assignments")).json()["items"]
        (one,) = (one["assignment_id"] for one in mine if one["case_id"] == self.case_id)
        return str(one)

    async def step(self, operation: str, code: str, step: str, body: Json | None = None) -> None:
        app = await self.officer(code)
        path = f"/dispatch/v1/assignments/{await self.own(app)}/{step}"
        await self.walk.act(operation, app, "POST", path, body or {})
        await self.walk.world.settle()

    async def do(self, operation: str, app: httpx.AsyncClient, step: str, body: Json | None = None) -> Any:
        answer = await self.walk.act(operation, app, "POST", f"{self.path}/{step}", body or {})
        await self.walk.world.settle()
        return answer


async def test_a_visit(walk: Walk, enterprise: Enterprise) -> None:
    world = walk.world
    chief, section = await chief_of(world), await world.app(Role.SECTION, "zhao")
    leader, admin = await world.app(Role.LEADER, "qian"), await world.app(Role.ADMIN, "boss")
    elsewhere = {"name": "沙井所", "district": "440306", "streets": ["沙井"]}
    assert (await admin.put("/dispatch/v1/stations/shajing", json=elsewhere)).is_success
    await world.push(RED, enterprise)
    await world.settle()
    visit = Visit(walk, world.heard("case.opened")[-1]["case_id"])
    await visit.step("declineAssignment", visit.team[0], "decline", WHY)
    await visit.do("transferCase", section, "transfer", WHY | {"station": "shajing"})
    await visit.do("transferCase", section, "transfer", WHY | {"station": STATION})
    await visit.do("reassignCase", chief, "reassign", WHY | {"team": ["xinan-01", "xinan-02"]})
    lead, second = "xinan-01", "xinan-02"

    (notice, *_) = (await (await visit.officer(lead)).get("/dispatch/v1/notices")).json()["items"]
    acknowledge = f"/dispatch/v1/notices/{notice['notice_id']}/acknowledge"
    await walk.act("acknowledgeNotice", await visit.officer(lead), "POST", acknowledge)
    every = (await admin.get("/dispatch/v1/notices", params={"recipient": second})).json()["items"]
    told = next(one for one in every if one["delivered_at"] is None and one["case_id"] == visit.case_id)
    call = {"means": "phone", "at": "2026-03-02T08:30:00+08:00", "received_by": "李晓敏", "witness": "陈志强"}
    delivery = f"/dispatch/v1/notices/{told['notice_id']}/delivery"
    await walk.act("recordDelivery", chief, "POST", delivery, call)

    for operation, step in (("acceptAssignment", "accept"), ("departForAssignment", "depart")):
        await visit.step(operation, lead, step)
    await visit.step("arriveForAssignment", lead, "arrive")
    app = await visit.officer(second)
    offline = {
        "key": "phone-1",
        "action": "accept",
        "time": "2026-03-02T08:30:00+08:00",
        "body": {},
        "assignment_id": await visit.own(app),
    }
    await walk.act("applyOfflineActions", app, "POST", "/dispatch/v1/offline-actions", {"actions": [offline]})
    await world.settle()
    await visit.do("suspendCase", chief, "suspend", WHY)
    await visit.do("resumeCase", chief, "resume", WHY)

    deadline = f"/watch/v1/deadlines/{world.heard('deadline.started', case_id=visit.case_id)[-1]['deadline_id']}"
    for operation, step, body in (
        ("pauseDeadline", "pause", GROUND),
        ("resumeDeadline", "resume", WHY),
        ("extendDeadline", "extend", GROUND | {"hours": 6}),
    ):
        service, proposal_id = await walk.proposed(operation, section, "POST", f"{deadline}/{step}", body)
        assert (await leader.post(f"/{service}/v1/proposals/{proposal_id}/confirm")).is_success
        await world.settle()

    handed = WHY | {"leaving": second, "to": "xinan-03"}
    await visit.do("handOverCase", chief, "hand-over", handed)
    await visit.do("giveFeedback", await visit.officer(lead), "feedback", FEEDBACK)
    await visit.do("returnCase", chief, "return", WHY)
    filed = FEEDBACK | {"outcome": "case_filed_for_penalty"}
    await visit.do("giveFeedback", await visit.officer(lead), "feedback", filed)
    present = WHY | {"officers": ["xinan-03"], "arrived_at": "2026-03-02T08:30:00+08:00", "ground": "device_lost"}
    await visit.do("recordPresence", chief, "presence", present)
    await visit.do("approveCase", chief, "approve")
    await visit.do("recordFileNumber", chief, "file-number", {"file_number": "深环宝立〔2026〕12号"})
    again = Visit(walk, (await visit.do("reopenCase", section, "reopen", WHY))["case_id"])
    await world.push(RED, enterprise, enterprise.outlets[1])
    await world.settle()
    joined = Visit(walk, world.heard("case.merged")[-1]["case_id"])
    assert joined.case_id != again.case_id
    await joined.do("unmergeCase", chief, "unmerge", WHY)
    seen(VISIT, walk)


async def test_files(walk: Walk, enterprise: Enterprise) -> None:
    await walk.world.push(RED, enterprise)
    await walk.world.settle()
    (opened,) = walk.world.heard("case.opened")
    case, chief = f"/dispatch/v1/cases/{opened['case_id']}", await chief_of(walk.world)
    await walk.act("addAttachment", chief, "POST", f"{case}/attachments", files={"file": ("a.png", PNG)})

    async def begun(name: str = "YS5wbmc=", length: int = len(PNG) + 1) -> str:
        headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": f"filename {name}"}
        answer = await walk.act("createUpload", chief, "POST", f"{case}/uploads", headers=headers)
        return f"/dispatch/v1/uploads/{answer.headers['location'].rpartition('/')[2]}"

    await walk.act("appendToUpload", chief, "PATCH", await begun(), content=PNG + b"y", headers=CHUNK)
    await walk.act("terminateUpload", chief, "DELETE", await begun(), headers=TUS)
    by_post = TUS | {"X-HTTP-Method-Override": "DELETE"}
    await walk.act("overrideUploadMethod", chief, "POST", await begun(), headers=by_post)
    noise = b"no photograph at all" * 10
    doubtful = await chief.post(f"{case}/attachments", files={"file": ("b.png", noise, "image/png")})
    assert doubtful.status_code == 415, doubtful.text
    overrule = f"/dispatch/v1/uploads/{doubtful.json()['upload_id']}/overrule"
    await walk.act("overruleUpload", chief, "POST", overrule, WHY)
    seen(FILES, walk)


async def test_alerts_and_what_was_refused(walk: Walk, enterprise: Enterprise) -> None:
    world = walk.world
    chief, officer = await chief_of(world), await world.app(Role.OFFICER, "xinan-01", station=STATION)
    section, own = await world.app(Role.SECTION, "zhao"), await world.app(Role.ENTERPRISE, enterprise.code)
    platform = await world.app(Role.PLATFORM, "mine", sources=("/platforms/mine",))
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/platforms/mine",
        "type": "cn.tricolor.anomaly.detected.v1",
        "subject": enterprise.code,
        "data": {
            "category": "water_daily_mean_exceedance",
            "enterprise": {"code": enterprise.code},
            "outlet": {"mn": "A440306000002", "medium": "water"},
            "district": "440306",
            "pollutant": {"code": "w01018", "name": "化学需氧量"},
            "period": "day",
            "window": {"start": "2026-03-01T00:00:00+08:00", "end": "2026-03-02T00:00:00+08:00"},
            "observed": 122.0,
            "limit": 80.0,
            "unit": "mg/L",
        },
    }
    structured = {"Content-Type": "application/cloudevents+json"}
    pushed = await walk.act("pushEvents", platform, "POST", "/ingest/v1/events", event, headers=structured)
    red = pushed["results"][0]["alert_id"]
    await world.push(YELLOW, enterprise)
    await world.settle()
    yellow = world.heard("alert.graded")[-1]["alert_id"]
    (asked,) = world.heard("case.opened", kind="self_report")

    decision = await walk.act("dismissAlert", officer, "POST", f"/ingest/v1/alerts/{red}/dismiss", FALSE)
    reject = f"/ingest/v1/decisions/{decision['decision_id']}/reject"
    await walk.act("rejectDecision", chief, "POST", reject, WHY)
    lower = FALSE | {"level": "white"}
    decision = await walk.act("downgradeAlert", officer, "POST", f"/ingest/v1/alerts/{red}/downgrade", lower)
    confirm = f"/ingest/v1/decisions/{decision['decision_id']}/confirm"
    await walk.act("confirmDecision", chief, "POST", confirm, {})
    await walk.act("pleadFalseAlarm", own, "POST", f"/ingest/v1/alerts/{yellow}/plead", WHY)
    await world.settle()
    report = f"/dispatch/v1/cases/{asked['case_id']}/self-report"
    await walk.act("submitSelfReport", own, "POST", report, REPORT)
    shutdown = WHY | {
        "enterprise_code": enterprise.code,
        "kind": "maintenance",
        "start": "2026-04-01T00:00:00+08:00",
        "end": "2026-04-02T00:00:00+08:00",
    }
    await walk.act("declareShutdown", own, "POST", "/ingest/v1/shutdowns", shutdown)
    await push_changed(world, enterprise, days_ago=60)
    (held,) = (await section.get("/ingest/v1/alerts", params={"held": True})).json()["items"]
    await walk.act("confirmAlert", chief, "POST", f"/ingest/v1/alerts/{held['alert_id']}/confirm", WHY)

    for _ in range(3):
        await world.push(WHITE, enterprise)
        await world.push_bytes(b"noise", enterprise)
    await world.settle()
    first, second, _ = (await section.get("/ingest/v1/dead-letters")).json()["items"]
    letters = "/ingest/v1/dead-letters"
    await walk.act("retryDeadLetter", section, "POST", f"{letters}/{first['letter_id']}/retry")
    await walk.act("discardDeadLetter", section, "POST", f"{letters}/{second['letter_id']}/discard", WHY)
    await walk.act("retryDeadLetters", section, "POST", f"{letters}/retry", {"code": first["code"]})
    await world.settle()
    seen(ALERTS, walk)


WALKED = MASTER_DATA | DUTY | RULES | ACCESS | VISIT | FILES | ALERTS


async def test_no_operation_that_changes_something_is_left_out(the_world: World) -> None:
    app = await the_world.app(Role.ADMIN, "boss")
    writing: set[str] = set()
    for service in ("ingest", "dispatch", "watch", "console"):
        document = (await app.get(f"/{service}/openapi.json")).json()
        for methods in document["paths"].values():
            writing |= {one["operationId"] for method, one in methods.items() if method not in ("get", "head")}
    table = scope.load()
    writing &= set(table.operations)
    assert writing <= WALKED | CHANGES_NOTHING.keys() | KEPT_OTHERWISE.keys()
    assert not WALKED & (CHANGES_NOTHING.keys() | KEPT_OTHERWISE.keys())
    assert (CHANGES_NOTHING.keys() | KEPT_OTHERWISE.keys()) <= writing
