"""The routes of outlets (排放口) of an enterprise: written by the bureau, found by their permit code or by their MN."""

from fastapi import Request, Response

from services.dispatcher.api import parameters
from services.dispatcher.api.mutations import CaseMutations, quoted
from services.dispatcher.api.parameters import CONDITIONAL, EnterprisePath, IfMatch, MergePatch, OutletPath
from services.dispatcher.domain.master_records import Outlet, OutletFields
from services.dispatcher.handlers.master_data import OUTLETS, patch, put
from services.dispatcher.master_data import outlets
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller


def router(database: Database, mutations: CaseMutations) -> Routes:
    routes = Routes(tags=["master data"])

    @routes.put("/v1/enterprises/{code}/outlets/{outlet}", response_model=Outlet, responses=CONDITIONAL)
    async def put_outlet(
        code: EnterprisePath,
        outlet: OutletPath,
        fields: OutletFields,
        request: Request,
        caller: Caller,
        if_match: IfMatch = None,
    ) -> Response:
        """Create or replace the outlet whose number in the permit is `outlet` (the MN where the permit gives none)."""

        return await mutations.write(
            request, caller, lambda work: put(work, OUTLETS, caller, [code, outlet], fields, if_match)
        )

    @routes.patch("/v1/enterprises/{code}/outlets/{outlet}", response_model=Outlet, responses=CONDITIONAL)
    async def patch_outlet(
        code: EnterprisePath,
        outlet: OutletPath,
        changes: MergePatch,
        request: Request,
        caller: Caller,
        if_match: IfMatch = None,
    ) -> Response:
        """`outlet` is its number in the permit."""
        return await mutations.write(
            request, caller, lambda work: patch(work, OUTLETS, caller, [code, outlet], changes, if_match)
        )

    @routes.get("/v1/enterprises/{code}/outlets/{outlet}")
    async def get_outlet(code: EnterprisePath, outlet: OutletPath, caller: Caller, response: Response) -> Outlet:
        """`outlet` is its number in the permit or its MN. An enterprise sees its own only."""
        _require_own(caller, code)
        async with database.transaction() as connection:
            rows = await outlets.find(connection, code, outlet)
        if not rows:
            raise NotFound("outlet", outlet)
        # Where one outlet's MN is another's number, the number goes first.
        found = Outlet.of(max(rows, key=lambda row: bool(row.code == outlet))._asdict())
        response.headers["ETag"] = quoted(found.etag)
        return found

    @routes.get("/v1/enterprises/{code}/outlets")
    async def list_outlets(code: EnterprisePath, paging: PagingQuery, caller: Caller) -> Page[Outlet]:
        """By code, ascending. An enterprise sees its own only."""
        _require_own(caller, code)
        after = None if paging.after is None else paging.after_as(parameters.code)[0]
        async with database.transaction() as connection:
            rows = await outlets.list_outlets(connection, code, after=after, limit=paging.limit + 1)
        return paging.page([Outlet.of(row._asdict()) for row in rows], [(row.code,) for row in rows])

    return routes


def _require_own(caller: Principal, enterprise: str) -> None:
    if caller.role is Role.ENTERPRISE and not caller.is_of(enterprise):
        raise NotFound("enterprise", enterprise)
