"""A district in full swing: matters of ten days in every state, for whoever looks at the screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.sample.anomalies import CONSTANT, GAP, RED, SEVERE, WHITE, YELLOW, Pattern
from services.sample.district import Enterprise
from shared.contract.events import Topic
from shared.contract.roles import Role
from tests.processes import until
from tests.web.field import PLACE, join_matter, officer_of, photo
from tests.web.field_work import photograph, take, visit
from tests.web.system import WebSystem

LONG = "深圳市宝安区新桥街道某某精密电路科技股份有限公司第二分公司废水处理与资源化利用中心一厂"
"""A name as long as the register has them: forty characters and more."""
_LAST_WEEK, _MORNING, _AFTERNOON = "2026-11-20T09:10:00", "2026-11-30T09:20:00", "2026-11-30T14:55:00"
Json = dict[str, Any]


@dataclass(frozen=True)
class District:
    """What there is to look at: cases by what they show, and people with something to do."""

    reported: Json
    overdue: Json
    joined: Json
    approved: Json
    demanded: Json
    officer: str
    enterprise: str


def fill(system: WebSystem) -> District:
    """Let ten days pass in which people do their part, or do not. The system must be new."""
    few = iter(system.sample.enterprises[100:])
    system.at(_LAST_WEEK)
    overdue, approved, returned = _open(system, few, RED, "assigned", 3)
    _, answered = _open(system, few, YELLOW, "open", 2)
    for pattern in (WHITE, WHITE, GAP, CONSTANT):
        system.push(pattern, next(few))
    for member in overdue["team"]:
        take(system, overdue, member["officer"], "accept")
    visit(system, approved)
    photograph(system, approved, officer_of(approved, "lead"), "排放口封条.png")
    _decide(system, approved, "approve")
    visit(system, returned)
    _decide(system, returned, "return", reason="缺少整改后的监测数据，请补充")
    _self_report(system, answered)
    _decide(system, answered, "approve")

    system.at(_MORNING)
    forty = next(few)
    _rename(system, forty)
    (reported,) = [system.open_case(RED, forty, "assigned")]
    joining = next(few)
    joined = system.open_case(RED, joining, "assigned")
    join_matter(system, joining, joined)
    accepted, on_site = _open(system, few, SEVERE, "assigned", 2)
    _open(system, few, RED, "assigned", 3)
    demanded = system.open_case(YELLOW, forty, "open")
    pleaded, interim, *_ = _open(system, few, YELLOW, "open", 6)
    for pattern in (WHITE, GAP, WHITE, WHITE, GAP, WHITE, WHITE):
        system.push(pattern, next(few))
    for case in (accepted, joined):
        for member in case["team"]:
            take(system, case, member["officer"], "accept")
    for step in ("accept", "depart", "arrive"):
        take(system, on_site, officer_of(on_site, "lead"), step)
    for step in ("depart", "arrive"):
        take(system, joined, officer_of(joined, "lead"), step)
    visit(system, reported)
    with system.app(system.officer(officer_of(reported, "lead"))) as app:
        for number, name in enumerate(("排放口现场.png", "治污设施运行台账.png", "在线监测数采仪.png")):
            files = {"file": (name, photo(320, 240, seed=number), "image/png")}
            answer = app.post(f"/dispatch/v1/cases/{reported['case_id']}/attachments", files=files)
            assert answer.is_success, answer.text
    _self_report(system, interim, interim=True, planned_end="2026-12-04T18:00:00+08:00")
    _propose(system, joined, pleaded, overdue)
    _stations(system, reported["station"], forty)
    system.publish(Topic.ANOMALY_EVENTS, '{"企业": "报文缺少字段", "cod": 120}'.encode())
    system.publish(Topic.ALERTS, b"garbage")

    system.at(_AFTERNOON)
    with system.app(system.token(Role.SECTION, "section")) as section:
        until(lambda: section.get("/console/v1/board").json()["counts"]["overdue"]["red"] >= 1)
    return District(
        reported, overdue, joined, approved, demanded, officer_of(joined, "lead"), demanded["enterprise_code"]
    )


def _open(system: WebSystem, few: Any, pattern: Pattern, state: str, count: int) -> list[Json]:
    return [system.open_case(pattern, next(few), state) for _ in range(count)]


def _decide(system: WebSystem, case: Json, act: str, **body: str) -> None:
    with system.app(system.chief(case["station"])) as chief:
        answer = chief.post(f"/dispatch/v1/cases/{case['case_id']}/{act}", json=body)
    assert answer.is_success, answer.text


def _self_report(system: WebSystem, case: Json, **more: object) -> None:
    body: Mapping[str, object] = {"cause": "活性炭吸附饱和，未及时更换", "measures": "更换活性炭 2 吨，复测达标"}
    finished = {} if more else {"finished_at": system.clock.now().isoformat()}
    with system.app(system.enterprise(case["enterprise_code"])) as own:
        answer = own.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json={**body, **finished, **more})
    assert answer.is_success, answer.text


def _rename(system: WebSystem, enterprise: Enterprise) -> None:
    with system.app(system.token(Role.ADMIN, "admin")) as admin:
        path = f"/dispatch/v1/enterprises/{enterprise.code}"
        known = admin.get(path).json()
        kept = ("district", "street", "station", "classification", "contacts", "address")
        body = {field: known[field] for field in kept if known.get(field)} | PLACE | {"name": LONG}
        answer = admin.put(path, json=body, headers={"If-Match": f'"{known["etag"]}"'})
    assert answer.is_success, answer.text


def _propose(system: WebSystem, extended: Json, pleaded: Json, dismissed: Json) -> None:
    """More time, a plea of the enterprise, and an alert to be dismissed: each waits for another to decide."""
    with system.app(system.chief(extended["station"])) as chief:
        asked = {"case_id": extended["case_id"]}
        (deadline, *_) = until(lambda: chief.get("/watch/v1/deadlines", params=asked).json()["items"])
        body: Json = {"working_days": 2, "legal_ground": "局时限管理规定第七条", "reason": "检测报告尚未出具"}
        answer = chief.post(f"/watch/v1/deadlines/{deadline['deadline_id']}/extend", json=body)
        assert answer.is_success, answer.text
    with system.app(system.enterprise(pleaded["enterprise_code"])) as own:
        body = {"reason": "采样管路检修，数据无效", "evidence": []}
        answer = own.post(f"/ingest/v1/alerts/{pleaded['alert_ids'][0]}/plead", json=body)
        assert answer.is_success, answer.text
    with system.app(system.chief(dismissed["station"])) as chief:
        body = {"ground": "calibration", "reason": "比对校准期间"}
        answer = chief.post(f"/ingest/v1/alerts/{dismissed['alert_ids'][0]}/dismiss", json=body)
        assert answer.is_success, answer.text


def _stations(system: WebSystem, station: str, enterprise: Enterprise) -> None:
    """Someone is away and someone is kept out; the enterprise plans to stand still."""
    with system.app(system.chief(station)) as chief:
        days = {"first_day": "2026-12-02", "last_day": "2026-12-04"}
        leave = {"officer": f"{station}-07", "reason": "年休假", **days}
        recusal = {"officer": f"{station}-06", "enterprise_code": enterprise.code, "reason": "近亲属任职"}
        for path, body in (("leaves", leave), ("recusals", recusal)):
            answer = chief.post(f"/dispatch/v1/{path}", json=body)
            assert answer.is_success, answer.text
    with system.app(system.enterprise(enterprise.code)) as own:
        body = {
            "enterprise_code": enterprise.code,
            "start": "2026-12-14T08:00:00+08:00",
            "end": "2026-12-16T18:00:00+08:00",
            "kind": "other",
            "reason": "年度检修，停产三日",
        }
        answer = own.post("/ingest/v1/shutdowns", json=body)
        assert answer.is_success, answer.text
