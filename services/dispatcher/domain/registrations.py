"""The events by which others learn of master data: each record as it is from now on. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from shared.contract.messages import SYSTEM, Event
from shared.contract.registrations import (
    ENTERPRISE_REGISTERED,
    OFFICER_REGISTERED,
    OUTLET_REGISTERED,
    STAFF_REGISTERED,
    STATION_REGISTERED,
    EnterpriseRegistered,
    OfficerRegistered,
    OutletRegistered,
    StaffRegistered,
    StationRegistered,
)

MasterKind = Literal["stations", "officers", "staff", "enterprises", "outlets"]
MASTER_KINDS: frozenset[MasterKind] = frozenset({"stations", "officers", "staff", "enterprises", "outlets"})

_EVENTS: Mapping[MasterKind, tuple[str, type[BaseModel], str | None]] = {
    "stations": (STATION_REGISTERED, StationRegistered, None),
    "officers": (OFFICER_REGISTERED, OfficerRegistered, None),
    "staff": (STAFF_REGISTERED, StaffRegistered, None),
    "enterprises": (ENTERPRISE_REGISTERED, EnterpriseRegistered, "code"),
    "outlets": (OUTLET_REGISTERED, OutletRegistered, "enterprise_code"),
}
"""By kind: the type, its data, and the field that names the enterprise concerned."""


def registration(kind: MasterKind, fields: Mapping[str, Any], at: datetime) -> Event:
    """The event that a record is as `fields` say from `at` on."""
    type_, model, concerned = _EVENTS[kind]
    enterprise = SYSTEM if concerned is None else fields[concerned]
    return Event(type_, enterprise, model.model_validate({**fields, "at": at}))
