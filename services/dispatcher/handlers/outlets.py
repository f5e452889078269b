"""Writing an outlet (排放口) of an enterprise."""

from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.master_records import Outlet, OutletFields
from services.dispatcher.master_data import outlets, store
from shared.contract.refusals import Conflict, NotFound


async def write_outlet(work: CaseUnitOfWork, enterprise: str, code: str, fields: OutletFields) -> Outlet:
    """Create or replace an outlet.

    Raises NotFound for an unknown enterprise, Conflict where the data logger belongs to another outlet, which it names.
    """
    if await store.find(work.connection, "enterprises", enterprise) is None:
        raise NotFound("enterprise", enterprise)
    holder = None if fields.mn is None else await outlets.holder_of(work.connection, fields.mn)
    if holder is not None and holder != (enterprise, code):
        raise Conflict(
            "mn-taken",
            f"mn: {fields.mn} is the data logger of outlet {holder[1]} of enterprise {holder[0]}.",
            title="The MN belongs to another outlet",
            field="mn",
        )
    (row,) = await store.write(work, "outlets", [{"enterprise_code": enterprise, "code": code, **fields.model_dump()}])
    return Outlet.model_validate(row)
