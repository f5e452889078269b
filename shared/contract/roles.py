"""The roles of domain.md, and which of them go together. Pure."""

from enum import StrEnum


class Role(StrEnum):
    PLATFORM = "platform"
    ENTERPRISE = "enterprise"
    OFFICER = "officer"
    STATION_CHIEF = "station_chief"
    SECTION = "section"
    LEADER = "leader"
    AUDITOR = "auditor"
    ADMIN = "admin"


OFFICE = frozenset({Role.STATION_CHIEF, Role.SECTION, Role.LEADER, Role.ADMIN})
"""Who may act for the bureau on any case of their reach; a station chief's reach is the station."""
READERS = OFFICE | {Role.AUDITOR}
