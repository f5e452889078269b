"""The routes of self-reports, and of what chiefs decide on cases: approve, return, reassign."""

from uuid import UUID

from fastapi import Request, Response

from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain.self_reports import SelfReportBody
from services.dispatcher.handlers.follow_ups import FileNumberBody, record_file_number
from services.dispatcher.handlers.presence import PresenceBody, record_presence
from services.dispatcher.handlers.review import (
    ApproveBody,
    ReassignBody,
    ReturnBody,
    approve_case,
    reassign_case,
    return_case,
    submit_self_report,
)
from shared.web.problems import NOT_POSSIBLE_NOW
from shared.web.routes import Routes
from shared.web.scope import Caller


def router(mutations: CaseMutations) -> Routes:
    routes = Routes(tags=["cases"], responses=NOT_POSSIBLE_NOW)

    @routes.post("/v1/cases/{case_id}/self-report", response_model=CaseAnswer)
    async def self_report(case_id: UUID, body: SelfReportBody, request: Request, caller: Caller) -> Response:
        """The enterprise's answer to a yellow alert. Received before the due instant, it meets the deadline.

        An `interim` one does too, where the work goes on: accepted, it makes the final report due by `planned_end`.
        """
        return await mutations.run(request, caller, lambda work: submit_self_report(work, caller, case_id, body))

    @routes.post("/v1/cases/{case_id}/approve", response_model=CaseAnswer)
    async def approve(case_id: UUID, request: Request, caller: Caller, body: ApproveBody | None = None) -> Response:
        """Accept the report and close the case with its outcome. Not by one who was on the team."""
        return await mutations.run(
            request, caller, lambda work: approve_case(work, caller, case_id, body or ApproveBody())
        )

    @routes.post("/v1/cases/{case_id}/presence", response_model=CaseAnswer)
    async def record(case_id: UUID, body: PresenceBody, request: Request, caller: Caller) -> Response:
        """到场补录: say for the file who was on site, where a device could not. A visit is approved with two there."""
        return await mutations.run(request, caller, lambda work: record_presence(work, caller, case_id, body))

    @routes.post("/v1/cases/{case_id}/file-number", response_model=CaseAnswer)
    async def file_number(case_id: UUID, body: FileNumberBody, request: Request, caller: Caller) -> Response:
        """立案号: the number of the penalty file. `GET /v1/cases?status=awaiting_file_number` lists what lacks it."""
        return await mutations.run(request, caller, lambda work: record_file_number(work, caller, case_id, body))

    @routes.post("/v1/cases/{case_id}/return", response_model=CaseAnswer)
    async def give_back(case_id: UUID, body: ReturnBody, request: Request, caller: Caller) -> Response:
        """Ask for more. The same deadline is open again; it never becomes longer."""
        return await mutations.run(request, caller, lambda work: return_case(work, caller, case_id, body))

    @routes.post("/v1/cases/{case_id}/reassign", response_model=CaseAnswer)
    async def reassign(case_id: UUID, body: ReassignBody, request: Request, caller: Caller) -> Response:
        """Give the case to another team: the named one, or the one the policy chooses without the present one."""
        return await mutations.run(request, caller, lambda work: reassign_case(work, caller, case_id, body))

    return routes
