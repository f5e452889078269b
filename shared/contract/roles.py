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


class Reach(StrEnum):
    """On whose matters a caller may do something (`scope.yaml`)."""

    OWN = "own"
    STATION = "station"
    DISTRICT = "district"


USUAL_REACH = {
    Role.PLATFORM: Reach.OWN,
    Role.ENTERPRISE: Reach.OWN,
    Role.OFFICER: Reach.OWN,
    Role.STATION_CHIEF: Reach.STATION,
    Role.SECTION: Reach.DISTRICT,
    Role.LEADER: Reach.DISTRICT,
    Role.AUDITOR: Reach.DISTRICT,
    Role.ADMIN: Reach.DISTRICT,
}
"""How far a role reaches where no operation says otherwise, as on the command line."""
