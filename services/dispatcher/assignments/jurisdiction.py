"""Cases of an enterprise that no station was in charge of go to the station that it is registered with."""

from sqlalchemy import or_, select

from services.dispatcher import tables
from services.dispatcher.assignments.teams import stations_in_charge
from services.dispatcher.cases.enterprises import try_to_lock_enterprises
from services.dispatcher.cases.steps import StepDetails, record_all
from services.dispatcher.cases.store import lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import CLOSED, Action
from services.dispatcher.notices import wording
from shared.contract.events import Bilingual

_AT_ONCE = 200
_REGISTERED = Bilingual(
    zh="企业已登记，由贵所管辖", en="the enterprise is registered, and your station is in charge of it"
)


async def follow_registrations(work: CaseUnitOfWork) -> int:
    """Give open cases without a station to the one that is in charge by now; return how many.

    However the enterprise came to be registered. Enterprises that somebody else works on have their turn next time.
    """
    cases, enterprises = tables.cases.c, tables.enterprises.c
    lost = (
        await work.connection.execute(
            select(cases.case_id, cases.enterprise_code)
            .join(tables.enterprises, enterprises.code == cases.enterprise_code)
            .where(
                cases.closed_at.is_(None),
                cases.station.is_(None),
                cases.held_above.is_(False),
                or_(enterprises.source == "master", enterprises.station.is_not(None)),
            )
            .order_by(cases.opened_at, cases.case_id)
        )
    ).all()
    if not lost:
        return 0
    stations = await stations_in_charge(work, {row.enterprise_code for row in lost})
    free = await try_to_lock_enterprises(work, {code for code, station in stations.items() if station})
    taken = [row.case_id for row in lost if row.enterprise_code in free][:_AT_ONCE]
    located = [
        case
        for case in await lock_all(work, taken)
        if case.station is None and not case.held_above and case.state not in CLOSED
    ]
    for case in located:
        case.station = stations[case.enterprise_code]
    await record_all(
        work,
        [
            (
                case,
                [lifecycle.beside(case, Action.TRANSFER)],
                StepDetails(reason=_REGISTERED.zh, detail={"from": "section", "to": case.station}),
            )
            for case in located
        ],
    )
    work.notify([wording.transferred(case.facts, _REGISTERED) for case in located])
    return len(located)
