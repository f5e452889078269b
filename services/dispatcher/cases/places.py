"""What master data say of the places that alerts are about: asked once for all alerts of an outlet."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from sqlalchemy import Integer, LargeBinary, Select, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSONB

from services.dispatcher import tables
from services.dispatcher.cases.anomalies import AnomalyColumns
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from shared.contract.cloudevents import written
from shared.contract.contacts import Contact
from shared.contract.events import AlertGraded, OutletReference, SitePosition

Named: TypeAlias = tuple[str, str | None, str | None, str | None, str | None]
"""A place as an alert names it: the enterprise, and what is said of the outlet."""


class Place(NamedTuple):
    """An outlet with what master data know of it, and whom to ask for and where at its enterprise."""

    enterprise_name: str | None
    address: str | None
    contact: Contact | None
    position: SitePosition | None
    outlet: OutletReference


def named_in(alert: AlertGraded) -> Named:
    outlet = alert.outlet
    return alert.enterprise.code, outlet.mn, outlet.code, outlet.name, outlet.medium


async def places_of(work: CaseUnitOfWork, alerts: Iterable[AlertGraded]) -> Mapping[Named, Place]:
    """The places that alerts are about, by how they name them."""
    asked = {named_in(alert): alert for alert in alerts}
    rows = await work.connection.execute(
        _PLACES,
        {
            "asked": written(
                [
                    {"number": number, "enterprise_code": alert.enterprise.code, "alert": {"outlet": alert.outlet}}
                    for number, alert in enumerate(asked.values())
                ]
            )
        },
    )
    names = [*asked]
    return {
        names[row.number]: Place(
            row.name,
            row.address,
            row.contact and Contact.model_validate(row.contact),
            row.position and SitePosition.model_validate(row.position),
            OutletReference.model_validate(row.outlet),
        )
        for row in rows
    }


def _select_places() -> Select[tuple[object, ...]]:
    rows = func.jsonb_to_recordset(cast(func.convert_from(bindparam("asked", type_=LargeBinary), "UTF8"), JSONB))
    asked = rows.table_valued(
        column("number", Integer), column("enterprise_code", Text), column("alert", JSONB), name="asked"
    ).render_derived(with_types=True)
    enterprises = tables.enterprises
    columns = AnomalyColumns(asked, enterprises)
    return select(
        asked.c.number,
        enterprises.c.name,
        enterprises.c.address,
        enterprises.c.contacts[0].label("contact"),
        columns.position.label("position"),
        columns.anomaly["outlet"].label("outlet"),
    ).select_from(columns.joined(asked.outerjoin(enterprises, enterprises.c.code == asked.c.enterprise_code)))


_PLACES = _select_places()
