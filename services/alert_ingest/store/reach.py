"""Which alerts are there for a caller, and at which grade: the same for lists, single alerts, decisions and figures."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, lateral, literal, not_, or_, select, true

from services.alert_ingest import tables
from shared.contract.disclosure import ENDED_WITHOUT_ANSWER, DisclosurePolicy, Visits
from shared.contract.events import CaseKind, Level
from shared.contract.principal import Principal
from shared.contract.roles import Reach, Role

_ALERTS, _CASES, _FORMER = tables.alerts.c, tables.cases.c, tables.former_gradings.c
_GRADED = ("level", "grading", "packed_grade", "doubts", "issued_at")


def within_reach(caller: Principal) -> ColumnElement[bool]:
    """A platform has what came of its sources, an enterprise its own, a station what its enterprises raised.

    An officer also has what the own cases answer, past ones too.
    """
    held = _ALERTS.alert_id.in_(select(_CASES.alert_id).where(_CASES.officers.contains([caller.subject])))
    match caller.reach:
        case Reach.OWN if caller.role is Role.ENTERPRISE:
            return _ALERTS.enterprise_code.in_(caller.own_enterprises)
        case Reach.OWN if caller.role is Role.PLATFORM:
            return _ALERTS.source.in_(caller.sources) if caller.sources else true()
        case Reach.OWN:
            return held
        case Reach.STATION:
            of_station = _of_station(caller.station)
            return or_(of_station, held) if caller.role is Role.OFFICER else of_station
        case Reach.DISTRICT:
            return true()


def disclosed(policy: DisclosurePolicy) -> ColumnElement[bool]:
    """The enterprise may know of the alert's red grade: what `sight_of_case` says of its visit, in SQL."""
    arrived, closed = _CASES.arrived_at.is_not(None), _CASES.closed_at.is_not(None)
    answered = func.coalesce(_CASES.outcome, "").not_in(sorted(ENDED_WITHOUT_ANSWER))
    visits: dict[Visits, ColumnElement[bool]] = {
        Visits.BEFORE_ARRIVAL: true(),
        Visits.ON_ARRIVAL: or_(arrived, and_(closed, answered)),
        Visits.AFTER_CLOSING: and_(closed, or_(arrived, answered)),
    }
    # Rows from before kinds were kept: the case that answers the alert, once it is closed.
    of_red = or_(_CASES.kind == CaseKind.ON_SITE, and_(_CASES.kind.is_(None), _CASES.case_id == _ALERTS.case_id))
    visit = exists().where(_CASES.alert_id == _ALERTS.alert_id, of_red, visits.get(policy.visits, false()))
    return visit.correlate(tables.alerts)


def alerts_for(caller: Principal, policy: DisclosurePolicy) -> tuple[Select[Any], ColumnElement[Any]]:
    """The alerts that are there for the caller, as the caller sees them graded; and that level, to be filtered by."""
    if caller.role is not Role.ENTERPRISE:
        return select(tables.alerts).where(within_reach(caller)), _ALERTS.level
    red_is_shown = disclosed(policy)
    # What waits to be confirmed asks nothing of the enterprise: it sees what it saw before, if anything.
    hidden = or_(_ALERTS.held_since.is_not(None), and_(_ALERTS.level == Level.RED, not_(red_is_shown)))
    last = lateral(
        select(tables.former_gradings)
        .where(_FORMER.alert_id == _ALERTS.alert_id, _FORMER.level != Level.RED)
        .order_by(_FORMER.revision.desc())
        .limit(1)
        .correlate(tables.alerts)
    ).alias("last")
    former_shown = (
        select(func.count())
        .where(_FORMER.alert_id == _ALERTS.alert_id, or_(_FORMER.level != Level.RED, red_is_shown))
        .correlate(tables.alerts)
        .scalar_subquery()
    )
    self_report = (
        select(_CASES.case_id)
        .where(_CASES.alert_id == _ALERTS.alert_id, _CASES.kind == CaseKind.SELF_REPORT)
        .order_by(_CASES.case_id.desc())
        .limit(1)
        .correlate(tables.alerts)
        .scalar_subquery()
    )
    seen: dict[str, ColumnElement[Any]] = {
        name: case((hidden, last.c[name]), else_=_ALERTS[name]).label(name) for name in _GRADED
    }
    seen["revision"] = (former_shown + case((hidden, 0), else_=1)).label("revision")
    seen["case_id"] = case((hidden, self_report), else_=_ALERTS.case_id).label("case_id")
    columns = [seen.get(column.name, column) for column in tables.alerts.columns]
    level = case((hidden, last.c.level), else_=_ALERTS.level)
    found = (
        select(*columns, red_is_shown.label("red_is_shown"))
        .select_from(tables.alerts.outerjoin(last, literal(value=True)))
        .where(within_reach(caller), level.is_not(None))
    )
    return found, level


def _of_station(station: str | None) -> ColumnElement[bool]:
    enterprises = tables.enterprises.c
    if station is None:
        return false()
    return _ALERTS.enterprise_code.in_(select(enterprises.code).where(enterprises.station == station))
