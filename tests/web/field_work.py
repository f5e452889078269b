"""What officers and enterprises do meanwhile, away from the browser that a test looks at."""

from typing import Any

from tests.processes import until
from tests.web.system import WebSystem

FEEDBACK = {
    "findings": "治污设施未正常运行，废气收集管道破损",
    "measures": "责令立即停产检修，已现场查封排放口",
    "outcome": "rectified",
}


def visit(system: WebSystem, case: dict[str, Any]) -> None:
    """Both officers accept, depart and arrive, and the lead reports."""
    lead = next(member["officer"] for member in case["team"] if member["part"] == "lead")
    for step in ("accept", "depart", "arrive"):
        for member in case["team"]:
            take(system, case, member["officer"], step)
    report(system, case, lead)


def take(system: WebSystem, case: dict[str, Any], officer: str, step: str) -> None:
    with system.app(system.officer(officer)) as app:

        def own() -> Any:
            items = app.get("/dispatch/v1/assignments").json()["items"]
            return [item for item in items if item["case_id"] == case["case_id"]]

        (assignment,) = until(own)
        answer = app.post(f"/dispatch/v1/assignments/{assignment['assignment_id']}/{step}", json={})
    assert answer.is_success, answer.text


def report(system: WebSystem, case: dict[str, Any], lead: str) -> None:
    with system.app(system.officer(lead)) as app:
        answer = app.post(f"/dispatch/v1/cases/{case['case_id']}/feedback", json=FEEDBACK)
    assert answer.is_success, answer.text


def photograph(system: WebSystem, case: dict[str, Any], officer: str, jpeg: bytes, name: str) -> None:
    with system.app(system.officer(officer)) as app:
        answer = app.post(
            f"/dispatch/v1/cases/{case['case_id']}/attachments", files={"file": (name, jpeg, "image/jpeg")}
        )
    assert answer.is_success, answer.text
