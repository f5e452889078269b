"""The route that confirms an alert of an old anomaly; `GET /v1/alerts?held=true` lists those that wait for it."""

from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict

from services.alert_ingest.domain.fields import Reason
from services.alert_ingest.handlers.old_anomalies import confirm
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import Level
from shared.messaging.proposals.people import Person
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.instants import Instant
from shared.web.idempotency import Mutations
from shared.web.routes import Routes
from shared.web.scope import Caller


class ConfirmationBody(BaseModel):
    """Why what happened so long ago is still to be asked for."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class Confirmation(BaseModel):
    """The alert as it was issued by being confirmed: its clock runs from then on."""

    alert_id: UUID
    level: Level
    issued_at: Instant


def router(books: RuleBooks, mutations: Mutations[UnitOfWork]) -> Routes:
    routes = Routes(tags=["alerts"])

    @routes.post("/v1/alerts/{alert_id}/confirm", response_model=Confirmation)
    async def confirm_alert(alert_id: UUID, body: ConfirmationBody, request: Request, caller: Caller) -> Response:
        """Confirm that an alert of an old anomaly asks for what its level asks for."""

        async def mutate(work: UnitOfWork) -> Confirmation:
            alert = await confirm(work, books, alert_id, body.reason, Person.of(caller))
            return Confirmation(alert_id=alert.alert_id, level=alert.level, issued_at=alert.issued_at)

        return await mutations.run(request, caller, mutate)

    return routes
