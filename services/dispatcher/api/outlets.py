"""Outlets (排放口) of an enterprise: written by the bureau, found by their permit code or by their MN."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.api import parameters
from services.dispatcher.api.callers import ReaderOrEnterprise, Registrar
from services.dispatcher.api.parameters import RecordCode
from services.dispatcher.domain.master_records import Outlet, OutletFields
from services.dispatcher.tables import enterprises, outlets
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.web.idempotency import Mutations
from shared.web.identity import Principal
from shared.web.paging import Page, PagingQuery
from shared.web.problems import Problem, not_found


def router(database: Database, mutations: Mutations, clock: Clock) -> APIRouter:
    routes = APIRouter(tags=["master data"])

    @routes.put("/v1/enterprises/{code}/outlets/{outlet}", response_model=Outlet)
    async def put_outlet(
        code: RecordCode, outlet: RecordCode, fields: OutletFields, request: Request, caller: Registrar
    ) -> Response:
        """Create or replace the outlet whose number in the permit is `outlet` (the MN where the permit gives none)."""

        async def mutate(connection: AsyncConnection) -> Outlet:
            if await connection.scalar(select(enterprises.c.code).where(enterprises.c.code == code)) is None:
                raise not_found("enterprise", code)
            await _require_free_mn(connection, code, outlet, fields.mn)
            values = {**fields.model_dump(), "updated_at": clock.now()}
            written = (
                insert(outlets)
                .values(enterprise_code=code, code=outlet, **values)
                .on_conflict_do_update(index_elements=["enterprise_code", "code"], set_=values)
            )
            return Outlet.model_validate((await connection.execute(written.returning(outlets))).one())

        return await mutations.run(request, caller, mutate)

    @routes.get("/v1/enterprises/{code}/outlets/{outlet}")
    async def get_outlet(code: RecordCode, outlet: RecordCode, caller: ReaderOrEnterprise) -> Outlet:
        """`outlet` is its number in the permit or its MN. An enterprise sees its own only."""
        _require_own(caller, code)
        async with database.transaction() as connection:
            rows = (await connection.execute(select(outlets).where(_named(code, outlet)))).all()
        if not rows:
            raise not_found("outlet", outlet)
        # Where one outlet's MN is another's number, the number goes first.
        return Outlet.model_validate(max(rows, key=lambda row: bool(row.code == outlet)))

    @routes.get("/v1/enterprises/{code}/outlets")
    async def list_outlets(code: RecordCode, paging: PagingQuery, caller: ReaderOrEnterprise) -> Page[Outlet]:
        """By code, ascending. An enterprise sees its own only."""
        _require_own(caller, code)
        statement = (
            select(outlets).where(outlets.c.enterprise_code == code).order_by(outlets.c.code).limit(paging.limit + 1)
        )
        if paging.after is not None:
            statement = statement.where(outlets.c.code > paging.after_as(parameters.code)[0])
        async with database.transaction() as connection:
            rows = (await connection.execute(statement)).all()
        return paging.page([Outlet.model_validate(row) for row in rows], [(row.code,) for row in rows])

    return routes


def _named(enterprise: str, outlet: str) -> ColumnElement[bool]:
    return and_(outlets.c.enterprise_code == enterprise, or_(outlets.c.code == outlet, outlets.c.mn == outlet))


async def _require_free_mn(connection: AsyncConnection, enterprise: str, outlet: str, mn: str | None) -> None:
    """Raises Problem 409 where the data logger stands at another outlet, which it names."""
    if mn is None:
        return
    holder: Any = (
        await connection.execute(select(outlets.c.enterprise_code, outlets.c.code).where(outlets.c.mn == mn))
    ).one_or_none()
    if holder is not None and tuple(holder) != (enterprise, outlet):
        raise Problem(
            409,
            "mn-taken",
            "The MN belongs to another outlet",
            f"mn: {mn} is the data logger of outlet {holder.code} of enterprise {holder.enterprise_code}.",
            field="mn",
        )


def _require_own(caller: Principal, enterprise: str) -> None:
    if caller.role is Role.ENTERPRISE and caller.enterprise != enterprise:
        raise not_found("enterprise", enterprise)
