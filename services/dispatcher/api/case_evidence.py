"""The routes of a case's evidence: whether it holds, and the whole file of the case to take away."""

import shutil
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi.responses import FileResponse
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.background import BackgroundTask

from services.dispatcher.cases.access import require_sight
from services.dispatcher.cases.queries import find_case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.fields import Body, Words
from services.dispatcher.evidence.case_files import EXPORTED, CaseEvidence
from shared.evidence.domain.facts import case_chain
from shared.evidence.domain.records import Fact
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.access_records import Access, AccessRecords
from shared.storage.database import Database
from shared.web.routes import Routes
from shared.web.scope import Caller

_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}
_FAULTS = 20


class EvidenceFault(BaseModel):
    """What does not fit: in which chain, at which record, of which kind, in a sentence."""

    chain: str
    number: int
    code: str
    detail: str


class EvidenceHead(BaseModel):
    """The last record of a chain: its number and hash, which a copy kept elsewhere can be compared with."""

    chain: str
    number: int
    hash: str


class ServiceEvidence(BaseModel):
    """The evidence of one service about the case. `passed`: every record is as it was written, and none is missing."""

    service: str
    passed: bool
    records: int
    heads: list[EvidenceHead]
    faults: list[EvidenceFault]


class CaseEvidenceAnswer(BaseModel):
    case_id: UUID
    passed: bool
    services: list[ServiceEvidence]


class ExportBody(Body):
    """Why somebody takes the file of a case: it is kept with it, and with who did."""

    reason: Words


def router(
    database: Database, units: UnitsOfWork[CaseUnitOfWork], records: AccessRecords, evidence: CaseEvidence
) -> Routes:
    routes = Routes(tags=["evidence"])

    @routes.get("/v1/cases/{case_id}/evidence")
    async def verify_case(case_id: UUID, caller: Caller) -> CaseEvidenceAnswer:
        """Verify the evidence of a case now: every record, each chain, and that none is missing that was signed."""
        async with database.transaction() as connection:
            await require_sight(connection, case_id, caller)
        services = [
            ServiceEvidence(
                service=one.schema,
                passed=one.passed,
                records=one.records,
                heads=[
                    EvidenceHead(chain=chain, number=head.number, hash=head.hash.hex()) for chain, head in one.heads
                ],
                faults=[EvidenceFault.model_validate(fault, from_attributes=True) for fault in one.faults[:_FAULTS]],
            )
            for one in await evidence.verified(case_id)
        ]
        return CaseEvidenceAnswer(case_id=case_id, passed=all(one.passed for one in services), services=services)

    @routes.post("/v1/cases/{case_id}/evidence/bundle", response_class=FileResponse, responses=_ZIP)
    async def export_case(case_id: UUID, body: ExportBody, caller: Caller) -> FileResponse:
        """The file of the case as a bundle that proves itself (电子卷宗): records, files, proofs, a page and a PDF.

        That it was taken, by whom and why, is a fact of the case.
        """
        async with units.open(caller) as work:
            case = await find_case(work.connection, caller, case_id)
            document = to_json({"case_id": case_id, "reason": body.reason})
            access = Access("exportCase", str(case_id), case_id, body.reason)
            await records.note(work.connection, caller, access, work.now)
            work.record(Fact(EXPORTED, case_chain(case_id), case.enterprise_code, document))
        room = Path(tempfile.mkdtemp(prefix="case-file-"))
        try:
            written = await evidence.write(case_id, room)
        except BaseException:
            shutil.rmtree(room)
            raise
        return FileResponse(
            written,
            media_type="application/zip",
            filename=written.name,
            headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
            background=BackgroundTask(shutil.rmtree, room),
        )

    return routes
