"""Keeping master data as far as they are shown beside cases: the record as it stood last."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.console.store import registers
from services.console.store.enterprises import follow_stations
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.registrations import (
    ENTERPRISE_REGISTERED,
    OFFICER_REGISTERED,
    OUTLET_REGISTERED,
    STAFF_REGISTERED,
    STATION_REGISTERED,
)
from shared.messaging.inbox import Handler, Received


async def keep_enterprises(work: ReadModelWork, events: Sequence[Received[Any]]) -> None:
    """Keep enterprises; their alerts follow to the station that is in charge now."""
    await registers.keep(work.connection, registers.ENTERPRISES, [event.data for event in events])
    for moved in await follow_stations(work.connection, {event.data.code for event in events}):
        work.moved_alert(moved.alert_id, moved.before, moved.now)


def _keeping(register: registers.Register) -> Handler[ReadModelWork]:
    async def keep(work: ReadModelWork, events: Sequence[Received[Any]]) -> None:
        await registers.keep(work.connection, register, [event.data for event in events])

    return keep


HANDLERS: Mapping[str, Handler[ReadModelWork]] = {
    ENTERPRISE_REGISTERED: keep_enterprises,
    OUTLET_REGISTERED: _keeping(registers.OUTLETS),
    STATION_REGISTERED: _keeping(registers.STATIONS),
    OFFICER_REGISTERED: _keeping(registers.OFFICERS),
    STAFF_REGISTERED: _keeping(registers.STAFF),
}
