"""Every operation that reaches one's own matters or one's station's only, asked about somebody else's: it is not there.

The operations are those of the table with `own` or `station` in their line. A line that is neither tried here nor said
to be without a subject fails the last test.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from services.sample.anomalies import WHITE
from services.sample.district import Enterprise
from shared.contract import scope
from shared.contract.roles import Reach, Role
from tests.scenarios.conftest import STATION
from tests.scenarios.test_every_route_shows_each_role_no_more_than_the_table import ELSEWHERE, SECOND, full_world
from tests.world import Json, World

TABLE = scope.load()
WHY = {"reason": "核查"}
WHEN = "2026-03-02T09:00:00+08:00"
OTHER = "91440300MA5OTHER00"


class Asked(NamedTuple):
    """A request about what is somebody else's; `{…}` is filled with every identifier of that name."""

    method: str
    path: str
    body: Json | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    file: bool = False


def _case(step: str, body: Json | None = None) -> Asked:
    return Asked("POST", f"/dispatch/v1/cases/{{case_id}}/{step}", WHY if body is None else body)


REPORT = {"findings": "无", "measures": "无", "outcome": "rectified"}
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
NOT_THERE: dict[str, Asked] = {
    "readAlert": Asked("GET", "/ingest/v1/alerts/{alert_id}"),
    "dismissAlert": Asked("POST", "/ingest/v1/alerts/{alert_id}/dismiss", WHY | {"ground": "calibration"}),
    "downgradeAlert": Asked(
        "POST", "/ingest/v1/alerts/{alert_id}/downgrade", WHY | {"ground": "calibration", "level": "white"}
    ),
    "pleadFalseAlarm": Asked("POST", "/ingest/v1/alerts/{alert_id}/plead", WHY),
    "confirmAlert": Asked("POST", "/ingest/v1/alerts/{alert_id}/confirm", WHY),
    "confirmDecision": Asked("POST", "/ingest/v1/decisions/{decision_id}/confirm", WHY),
    "rejectDecision": Asked("POST", "/ingest/v1/decisions/{decision_id}/reject", WHY),
    "declareShutdown": Asked(
        "POST",
        "/ingest/v1/shutdowns",
        WHY
        | {
            "enterprise_code": SECOND,
            "kind": "maintenance",
            "start": "2026-04-01T00:00:00+08:00",
            "end": "2026-04-02T00:00:00+08:00",
        },
    ),
    "readProposal": Asked("GET", "/ingest/v1/proposals/{decision_id}"),
    "confirmProposal": Asked("POST", "/ingest/v1/proposals/{decision_id}/confirm", WHY),
    "rejectProposal": Asked("POST", "/ingest/v1/proposals/{decision_id}/reject", WHY),
    "withdrawProposal": Asked("POST", "/ingest/v1/proposals/{decision_id}/withdraw", WHY),
    "readCase": Asked("GET", "/dispatch/v1/cases/{case_id}"),
    "listTimeline": Asked("GET", "/dispatch/v1/cases/{case_id}/timeline"),
    "verifyCase": Asked("GET", "/dispatch/v1/cases/{case_id}/evidence"),
    "exportCase": Asked("POST", "/dispatch/v1/cases/{case_id}/evidence/bundle", WHY),
    "listNoticesOfCase": Asked("GET", "/dispatch/v1/cases/{case_id}/notices"),
    "listTeams": Asked("GET", "/dispatch/v1/cases/{case_id}/assignments"),
    "readCandidates": Asked("GET", "/dispatch/v1/cases/{case_id}/candidates"),
    "submitSelfReport": _case("self-report", {"cause": "故障", "measures": "已修", "finished_at": WHEN}),
    "approveCase": _case("approve", {}),
    "returnCase": _case("return"),
    "reassignCase": _case("reassign"),
    "recordPresence": _case("presence", WHY | {"officers": ["xinan-01"], "arrived_at": WHEN, "ground": "no_network"}),
    "recordFileNumber": _case("file-number", {"file_number": "2026-1"}),
    "handOverCase": _case("hand-over", WHY | {"to": "xinan-03"}),
    "transferCase": _case("transfer"),
    "suspendCase": _case("suspend"),
    "resumeCase": _case("resume"),
    "unmergeCase": _case("unmerge"),
    "giveFeedback": _case("feedback", REPORT),
    "acceptAssignment": Asked("POST", "/dispatch/v1/assignments/{assignment_id}/accept", {}),
    "declineAssignment": Asked("POST", "/dispatch/v1/assignments/{assignment_id}/decline", WHY),
    "departForAssignment": Asked("POST", "/dispatch/v1/assignments/{assignment_id}/depart", {}),
    "arriveForAssignment": Asked("POST", "/dispatch/v1/assignments/{assignment_id}/arrive", {}),
    "addAttachment": Asked("POST", "/dispatch/v1/cases/{case_id}/attachments", file=True),
    "listAttachments": Asked("GET", "/dispatch/v1/cases/{case_id}/attachments"),
    "readAttachment": Asked("GET", "/dispatch/v1/attachments/{attachment_id}"),
    "createUpload": Asked("POST", "/dispatch/v1/cases/{case_id}/uploads", headers=TUS),
    "listUploads": Asked("GET", "/dispatch/v1/cases/{case_id}/uploads"),
    "readUploadProgress": Asked("HEAD", "/dispatch/v1/uploads/{upload_id}", headers=TUS),
    "appendToUpload": Asked(
        "PATCH",
        "/dispatch/v1/uploads/{upload_id}",
        headers=TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    ),
    "overrideUploadMethod": Asked(
        "POST", "/dispatch/v1/uploads/{upload_id}", headers=TUS | {"X-HTTP-Method-Override": "DELETE"}
    ),
    "terminateUpload": Asked("DELETE", "/dispatch/v1/uploads/{upload_id}", headers=TUS),
    "readUploadContent": Asked("GET", "/dispatch/v1/uploads/{upload_id}/content"),
    "overruleUpload": Asked("POST", "/dispatch/v1/uploads/{upload_id}/overrule", WHY),
    "acknowledgeNotice": Asked("POST", "/dispatch/v1/notices/{notice_id}/acknowledge"),
    "recordDelivery": Asked(
        "POST",
        "/dispatch/v1/notices/{notice_id}/delivery",
        {"means": "phone", "at": WHEN, "received_by": "甲", "witness": "乙"},
    ),
    "readEnterprise": Asked("GET", f"/dispatch/v1/enterprises/{SECOND}"),
    "readOutlet": Asked("GET", f"/dispatch/v1/enterprises/{SECOND}/outlets/DA001"),
    "listOutlets": Asked("GET", f"/dispatch/v1/enterprises/{SECOND}/outlets"),
    "readDeadline": Asked("GET", "/watch/v1/deadlines/{deadline_id}"),
    "pauseDeadline": Asked("POST", "/watch/v1/deadlines/{deadline_id}/pause", WHY | {"legal_ground": "依据"}),
    "resumeDeadline": Asked("POST", "/watch/v1/deadlines/{deadline_id}/resume", WHY),
    "extendDeadline": Asked(
        "POST", "/watch/v1/deadlines/{deadline_id}/extend", WHY | {"legal_ground": "依据", "hours": 1}
    ),
}
REFUSED: dict[str, Asked] = {
    # Who is on duty or away everybody in the bureau may read, so that it is there is no secret.
    "writeRota": Asked("PUT", f"/dispatch/v1/stations/{STATION}/rota/2026-W12", {"days": {}}),
    "substituteOfficer": Asked(
        "POST",
        "/dispatch/v1/substitutions",
        WHY | {"day": "2026-03-03", "officer": "xinan-01", "substitute": "xinan-02"},
    ),
    "cancelSubstitution": Asked("POST", "/dispatch/v1/substitutions/2026-03-10/xinan-01/cancel"),
    "takeLeave": Asked(
        "POST",
        "/dispatch/v1/leaves",
        WHY | {"officer": "xinan-01", "first_day": "2026-03-03", "last_day": "2026-03-03"},
    ),
    "cancelLeave": Asked("POST", "/dispatch/v1/leaves/{leave_id}/cancel"),
    "recuseOfficer": Asked("POST", "/dispatch/v1/recusals", WHY | {"officer": "xinan-01", "enterprise_code": SECOND}),
    "endRecusal": Asked("POST", f"/dispatch/v1/recusals/{SECOND}/xinan-01/end"),
    "writeOfficer": Asked("PUT", "/dispatch/v1/officers/xinan-01", {"name": "陈志强", "station": STATION}),
    "changeOfficer": Asked("PATCH", "/dispatch/v1/officers/xinan-01", {"on_duty": False}),
    "importSheet": Asked("POST", "/dispatch/v1/imports?kind=stations", file=True),
    "recordAbsence": Asked(
        "POST",
        "/watch/v1/absences",
        WHY | {"role": "station_chief", "station": STATION, "since": WHEN, "until": "2026-03-09T09:00:00+08:00"},
    ),
    "endAbsence": Asked("POST", "/watch/v1/absences/{absence_id}/end"),
}
"""Beyond the own station, of what everybody in the bureau sees: 403, with the reason."""
WITHOUT_SUBJECT = {
    "pushEvents": "of another source: test_platforms_are_told_apart",
    "tryEvent": "nothing is stored, and what happened at the enterprise does not count",
    "applyOfflineActions": "each action is answered for itself, as its own route would",
    "readMe": "it says who the caller is",
    "streamChanges": "what it sends are rows of searchCases and searchAlerts, by the same station",
    "streamAssignments": "it has the caller's own only, as listAssignments",
}
"""What names nobody else's matter, and why it needs no trial here."""
LISTS = {
    "listAlerts": "/ingest/v1/alerts",
    "listPlatforms": "/ingest/v1/platforms",
    "listPlatformOutlets": "/ingest/v1/platforms/outlets",
    "listShutdowns": "/ingest/v1/shutdowns",
    "countFalseAlarms": "/ingest/v1/false-alarms?by=outlet",
    "listDecisions": "/ingest/v1/decisions",
    "listProposals": "/ingest/v1/proposals",
    "listCases": "/dispatch/v1/cases",
    "readFigures": "/dispatch/v1/figures",
    "listAssignments": "/dispatch/v1/assignments",
    "listNotices": "/dispatch/v1/notices",
    "listUndelivered": "/dispatch/v1/notices/undelivered?state=all",
    "listDeadlines": "/watch/v1/deadlines",
    "readBoard": "/console/v1/board",
    "searchCases": "/console/v1/cases",
    "searchAlerts": "/console/v1/alerts",
    "readWork": "/console/v1/work",
    "exportFigures": "/console/v1/figures.csv",
    "exportCases": "/console/v1/cases.csv",
    "exportAlerts": "/console/v1/alerts.csv",
    "readMap": "/console/v1/map?all=true",
}
"""Lists, which leave it out."""


async def everything(world: World, enterprise: Enterprise) -> dict[str, list[str]]:
    """What there is of one station: the identifiers by name."""
    ids, _ = await full_world(world, enterprise)
    chief = await world.app(Role.STATION_CHIEF, "chief", station=STATION)
    officer = await world.app(Role.OFFICER, "xinan-02", station=STATION)
    admin = await world.app(Role.ADMIN, "boss")
    await world.push(WHITE, enterprise)
    await world.settle()
    (white,) = [one for one in ids["alert_id"] if one][-1:]
    dismissal = await officer.post(f"/ingest/v1/alerts/{white}/dismiss", json=WHY | {"ground": "calibration"})
    assert dismissal.is_success, dismissal.text
    ids["decision_id"] = [dismissal.json()["decision_id"]]
    ids["assignment_id"] = [
        one["assignment_id"]
        for case_id in ids["case_id"]
        for one in (await admin.get(f"/dispatch/v1/cases/{case_id}/assignments")).json()["items"]
    ]
    ids["notice_id"] = [one["notice_id"] for one in (await admin.get("/dispatch/v1/notices")).json()["items"]]
    open_case = next(
        one["case_id"] for one in (await chief.get("/dispatch/v1/cases")).json()["items"] if one["closed_at"] is None
    )
    begun = await chief.post(f"/dispatch/v1/cases/{open_case}/uploads", headers=TUS)
    assert begun.is_success, begun.text
    ids["upload_id"] = [begun.headers["location"].rpartition("/")[2]]
    absence = await chief.post("/watch/v1/absences", json=REFUSED["recordAbsence"].body)
    assert absence.is_success, absence.text
    ids["absence_id"] = [absence.json()["absence_id"]]
    leave = WHY | {"officer": "xinan-03", "first_day": "2026-05-03", "last_day": "2026-05-03"}
    taken = await chief.post("/dispatch/v1/leaves", json=leave)
    assert taken.is_success, taken.text
    ids["leave_id"] = [taken.json()["leave_id"]]
    replaced = WHY | {"day": "2026-03-10", "officer": "xinan-01", "substitute": "xinan-02"}
    await chief.post("/dispatch/v1/substitutions", json=replaced)
    await chief.post("/dispatch/v1/recusals", json=WHY | {"officer": "xinan-01", "enterprise_code": SECOND})
    return ids


async def strangers(world: World) -> dict[Role, Any]:
    """Of each role that does not reach the whole district, somebody of another station, enterprise or platform."""
    admin = await world.app(Role.ADMIN, "boss")
    elsewhere = {"name": "另一所人员", "station": ELSEWHERE}
    assert (await admin.put("/dispatch/v1/officers/shajing-01", json=elsewhere)).is_success
    return {
        Role.ENTERPRISE: await world.app(Role.ENTERPRISE, OTHER),
        Role.OFFICER: await world.app(Role.OFFICER, "shajing-01", station=ELSEWHERE),
        Role.STATION_CHIEF: await world.app(Role.STATION_CHIEF, "another chief", station=ELSEWHERE),
        Role.PLATFORM: await world.app(Role.PLATFORM, "another", sources=("/platforms/another",)),
        Role.SECTION: await world.app(Role.SECTION, "section clerk"),
        Role.LEADER: await world.app(Role.LEADER, "the leader"),
        Role.ADMIN: await world.app(Role.ADMIN, "another admin"),
    }


async def asked(app: Any, what: Asked, path: str) -> Any:
    files = {"file": ("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100)} if what.file else None
    body = {"files": files} if what.file else {"json": what.body} if what.body is not None else {}
    return await app.request(what.method, path, headers=what.headers, **body)


def filled(path: str, ids: dict[str, list[str]]) -> list[str]:
    for name, values in ids.items():
        if f"{{{name}}}" in path:
            return [path.replace(f"{{{name}}}", value) for value in values]
    return [path]


async def test_what_is_anothers_is_not_there(the_world: World, enterprise: Enterprise) -> None:
    ids = await everything(the_world, enterprise)
    others = await strangers(the_world)
    faults, tried = [], 0
    for operation, what in (NOT_THERE | REFUSED).items():
        expected = 404 if operation in NOT_THERE else 403
        for role, app in others.items():
            reach = TABLE.reach(operation, role)
            if reach not in (Reach.OWN, Reach.STATION):
                continue
            for path in filled(what.path, ids):
                answer = await asked(app, what, path)
                tried += 1
                # One that proposed it oneself may take it back; for whoever decides, it is there and not theirs.
                allowed = {expected, 403} if operation == "withdrawProposal" and role in _SEE_ALL else {expected}
                if answer.status_code not in allowed:
                    faults.append(f"{role} {operation} {path}: {answer.status_code} {answer.text[:200]}")
    assert not faults, "\n".join(faults)
    assert tried > 200


_SEE_ALL = {Role.SECTION, Role.LEADER, Role.ADMIN}


async def test_lists_leave_out_what_is_anothers(the_world: World, enterprise: Enterprise) -> None:
    ids = await everything(the_world, enterprise)
    named = [one for name, some in ids.items() if name.endswith("_id") for one in some] + [enterprise.code, SECOND]
    others = await strangers(the_world)
    for operation, path in LISTS.items():
        for role, app in others.items():
            if TABLE.reach(operation, role) not in (Reach.OWN, Reach.STATION) or role in _SEE_ALL:
                continue
            answer = await app.get(path)
            assert answer.is_success, (role, operation, answer.text)
            assert not [one for one in named if one in answer.text], (role, operation)


@pytest.mark.parametrize("operation", TABLE.operations)
def test_every_line_that_does_not_reach_everything_is_tried(operation: str) -> None:
    if {Reach.OWN, Reach.STATION} & set(TABLE.operations[operation]):
        assert operation in NOT_THERE | REFUSED | LISTS | WITHOUT_SUBJECT, operation
