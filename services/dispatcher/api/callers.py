"""Who may call which routes: the roles that a route's caller must have one of."""

from typing import Annotated

from shared.contract.principal import Principal
from shared.contract.roles import OFFICE, READERS, Role
from shared.web.identity import require

Officer = Annotated[Principal, require(Role.OFFICER)]
Office = Annotated[Principal, require(*OFFICE)]
OfficerOrOffice = Annotated[Principal, require(Role.OFFICER, *OFFICE)]
Sender = Annotated[Principal, require(Role.OFFICER, Role.ENTERPRISE, *OFFICE)]
"""Whoever adds files to a case."""

Reader = Annotated[Principal, require(*READERS, Role.OFFICER)]
OfficeReader = Annotated[Principal, require(*READERS)]
ReaderOrEnterprise = Annotated[Principal, require(*READERS, Role.OFFICER, Role.ENTERPRISE)]
"""Readers, and the enterprise that is concerned, which the route narrows to its own."""

Registrar = Annotated[Principal, require(Role.ADMIN, Role.SECTION)]
"""Whoever writes master data of the whole bureau."""
StationOffice = Annotated[Principal, require(Role.STATION_CHIEF, Role.SECTION, Role.ADMIN)]
"""Whoever decides on what belongs to one station: its officers, its rota, their leave."""
