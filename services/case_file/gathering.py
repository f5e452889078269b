"""Gathering all that the three services know of a case, on one snapshot."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.case_file.known import Gathered, Row
from shared.contract.events import CaseType
from shared.contract.refusals import NotFound

_QUESTIONS = {
    "alerts": "select alert from dispatch.case_alerts where case_id = :case order by alert_id",
    "assignments": "select * from dispatch.assignments where case_id = :visit order by round, offered_at, part",
    # In the order in which it happened, which is not always the order in which the dispatcher heard of it.
    "timeline": "select * from dispatch.timeline where case_id = :case order by at, entry_id",
    # Officers arrive for the visit, whose timeline alone says what was found of each of them.
    "arrivals": f"""
        select at, detail from dispatch.timeline
         where case_id = :visit and type = '{CaseType.ARRIVED}' order by at, entry_id
    """,
    "self_reports": "select * from dispatch.self_reports where case_id = :case order by received_at",
    "feedbacks": "select * from dispatch.feedbacks where case_id = :case order by received_at",
    "attachments": """
        select * from dispatch.attachments where case_id in (:case, :visit) order by added_at, attachment_id
    """,
    "notices": """
        select n.* from dispatch.notices n
         where n.case_id = :case
            or n.notice_id in (select m.notice_id from dispatch.notice_matters m where m.case_id = :case)
            or (n.case_id is null and n.alert_id in (select alert_id from dispatch.case_alerts where case_id = :case))
         order by n.created_at, n.notice_id
    """,
    "deadlines": "select * from watch.deadlines where case_id = :case order by started_at, kind",
    "changes": """
        select c.* from watch.deadline_changes c join watch.deadlines d using (deadline_id)
         where d.case_id = :case order by c.at, c.version
    """,
}


async def gather(connection: AsyncConnection, case_id: UUID) -> Gathered:
    """Gather the case. Raises NotFound."""
    (case,) = await _rows(connection, "select * from dispatch.cases where case_id = :case", case=case_id) or (None,)
    if case is None:
        raise NotFound("case", case_id)
    about = {"case": case_id, "visit": case["merged_into"] or case_id}
    found = {name: await _rows(connection, question, **about) for name, question in _QUESTIONS.items()}
    found["alerts"] = [row["alert"] for row in found["alerts"]]
    enterprise = await _rows(
        connection, "select * from dispatch.enterprises where code = :code", code=case["enterprise_code"]
    )
    station = await connection.scalar(
        text("select name from dispatch.stations where code = :code"), {"code": case["station"]}
    )
    people = await _rows(
        connection,
        """
        select code, name, 'officer' as role, certificate from dispatch.officers
        union all select code, name, role, null from dispatch.staff
        """,
    )
    return Gathered(
        case=case,
        enterprise=enterprise[0] if enterprise else {"code": case["enterprise_code"], "name": None, "address": None},
        station=station or case["station"] or "",
        people={row["code"]: row for row in people},
        **found,
    )


async def _rows(connection: AsyncConnection, question: str, **values: object) -> list[Row]:
    asked = {name: value for name, value in values.items() if f":{name}" in question}
    return [dict(row._mapping) for row in await connection.execute(text(question), asked)]
