"""The events on the topic `master-data`: each record of the bureau's master data as it is from `at` on. Pure.

Fields are only ever added. A breaking change is a new `type`.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.contract.codes import EnterpriseCode, OutletCode
from shared.contract.contacts import ChannelAddress, Contact
from shared.time.instants import Instant

Classification = Literal["key_unit", "positive_list", "special_supervision", "voc_a", "voc_b", "voc_c"]
"""The classes of enterprises that rules and policies know."""


class _Registered(BaseModel):
    """A record as it stands. Consumers ignore fields that they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: Instant


ENTERPRISE_REGISTERED = "cn.tricolor.enterprise.registered.v1"


class EnterpriseRegistered(_Registered):
    """An enterprise as the bureau's master data have it from `at` on. Until November 2026 it stood on `cases`.

    `station` is the one in charge; older events have none, nor the address, the position and whom to reach.
    """

    code: EnterpriseCode
    name: str | None = None
    address: str | None = None
    district: str | None = None
    street: str | None = None
    grid_cell: str | None = None
    station: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    classification: list[str] = []
    contacts: list[Contact] = []
    channels: list[ChannelAddress] = []


OUTLET_REGISTERED = "cn.tricolor.outlet.registered.v1"


class OutletRegistered(_Registered):
    """An outlet as the bureau's master data have it from `at` on."""

    enterprise_code: EnterpriseCode
    code: OutletCode
    name: str
    medium: str
    mn: OutletCode | None = None
    longitude: float | None = None
    latitude: float | None = None


STATION_REGISTERED = "cn.tricolor.station.registered.v1"


class StationRegistered(_Registered):
    """A station as the bureau's master data have it from `at` on."""

    code: str
    name: str
    district: str
    streets: list[str] = []
    grid_cells: list[str] = []
    longitude: float | None = None
    latitude: float | None = None


OFFICER_REGISTERED = "cn.tricolor.officer.registered.v1"


class OfficerRegistered(_Registered):
    """An officer as the bureau's master data have it from `at` on."""

    code: str
    name: str
    station: str
    certified: bool
    certificate: str | None = None
    on_duty: bool
    skills: list[str] = []
    phone: str | None = None
    channels: list[ChannelAddress] = []


STAFF_REGISTERED = "cn.tricolor.staff.registered.v1"


class StaffRegistered(_Registered):
    """Somebody of an office (a station's chief, the section, the leader) as master data have it from `at` on."""

    code: str
    name: str
    role: str
    station: str | None = None
    phone: str | None = None
    channels: list[ChannelAddress] = []
