"""Who may read what the console shows: the bureau's people."""

from typing import Annotated

from shared.contract.principal import Principal
from shared.contract.roles import READERS, Role
from shared.web.identity import require

BUREAU = (*sorted(READERS), Role.OFFICER)
Reader = Annotated[Principal, require(*BUREAU)]
Anyone = Annotated[Principal, require(*Role)]
