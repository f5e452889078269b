"""Loading the sample district into the dispatcher: all of it in one transaction, and once."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from services.dispatcher.cases.unit_of_work import units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.domain.master_records import (
    EnterpriseFields,
    OfficerFields,
    OutletFields,
    StaffFields,
    StationFields,
)
from services.dispatcher.domain.record_changes import Author, Change
from services.dispatcher.domain.registrations import MasterKind
from services.dispatcher.master_data import store
from services.dispatcher.master_data.entry_codes import keep_entry_codes
from services.dispatcher.policies.versions import DispatchPolicies
from shared.contract.events import Actor
from shared.contract.roles import Role
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.time.clock import Clock

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from services.sample.district import District

_AUTHOR = Author(Actor(role=Role.ADMIN, subject="sample"), "sample")


async def load(database: Database, outbox: Outbox, clock: Clock, topic_prefix: str) -> bool:
    """Put the district into the dispatcher's `database`, unless stations are there already.

    Answers whether it was loaded now.
    """
    units = units_of_work(database, outbox, clock, Wakeups(), topic_prefix, DispatchPolicies.shipped())
    async with units.open() as work:
        await store.lock(work.connection, "stations", ["sample"])  # of two who start at once one loads it
        if await store.list_records(work.connection, "stations", store.ALL, after=None, limit=1):
            return False
        from services.sample.district import DISTRICT, district  # noqa: PLC0415  all starts but the first find it loaded

        sample = district()
        gates = {one.code: one.entry_code for one in sample.enterprises if one.entry_code is not None}
        for kind, records in _records(sample, DISTRICT).items():
            await store.write(work, kind, [Change(None, record) for record in records], _AUTHOR)
        await keep_entry_codes(work, gates, _AUTHOR)
    return True


def _records(sample: "District", code: str) -> Mapping[MasterKind, list[dict[str, Any]]]:
    """The records by kind, each as a PUT of it would store it."""
    return {
        "stations": [{"code": one.code, **_fields(StationFields, one, district=code)} for one in sample.stations],
        "officers": [{"code": one.code, **_fields(OfficerFields, one)} for one in sample.officers],
        "staff": [{"code": one.code, **_fields(StaffFields, one)} for one in sample.staff],
        "enterprises": [
            {
                "code": one.code,
                **_fields(EnterpriseFields, one, district=code, address=one.address),
                "source": "master",
            }
            for one in sample.enterprises
        ],
        "outlets": [
            {"enterprise_code": enterprise.code, "code": one.code, **_fields(OutletFields, one)}
            for enterprise in sample.enterprises
            for one in enterprise.outlets
        ],
    }


def _fields(model: type[BaseModel], record: "DataclassInstance", **more: str) -> dict[str, Any]:
    """Every field of a record, with the defaults for what the sample does not say."""
    said = asdict(record) | more
    return model.model_validate({name: said[name] for name in model.model_fields if name in said}).model_dump()
