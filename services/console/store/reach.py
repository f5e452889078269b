"""Which rows are there for whom: the reader's station for its people, everything for those above."""

from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import Reach

EVERYWHERE = None


def station_of(caller: Principal) -> str | None:
    """The only station whose rows are there for the caller; None where all are.

    Somebody of a station whose token names none sees none: a station is never called nothing.
    """
    if caller.reach is not Reach.DISTRICT:
        return caller.station or "\x1f"
    return EVERYWHERE


def asked_station(caller: Principal, asked: str | None) -> str | None:
    """The station that the caller asks about, or all that are there. Raises NotFound for one that is not."""
    own = station_of(caller)
    if own is not None and asked not in (None, own):
        raise NotFound("station", asked)
    return own if asked is None else asked
