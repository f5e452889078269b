"""Ways to lose a part of one enterprise's chain, and what reconciling makes of each."""

from dataclasses import dataclass

from sqlalchemy import text

from services.reconcile.findings import Link
from services.sample.anomalies import RED, WHITE, YELLOW, Pattern
from services.sample.district import Enterprise
from tests.world import World

_GRADED = """select event_id from ingest.outbox
              where key = convert_to(:code, 'UTF8') and convert_from(value, 'UTF8') like '%alert.graded%'"""
_OPENED = """select event_id from dispatch.outbox
              where key = convert_to(:code, 'UTF8') and convert_from(value, 'UTF8') like '%case.opened%'"""
_NEVER_HAPPENED_IN_WATCH = (
    "delete from watch.inbox where event_id in (select event_id from dispatch.outbox where key = {0})",
    "delete from watch.steps where enterprise_code = :code",
    "delete from watch.deadlines where enterprise_code = :code",
    "delete from watch.cases where enterprise_code = :code",
    "delete from watch.milestones where enterprise_code = :code",
    "delete from watch.outbox where key = {0}",
)
_NEVER_HAPPENED_IN_DISPATCH = (
    "delete from dispatch.notices where enterprise_code = :code",
    "delete from dispatch.timeline where enterprise_code = :code",
    "delete from dispatch.case_alerts where enterprise_code = :code",
    "delete from dispatch.cases where enterprise_code = :code",
    "delete from dispatch.outbox where key = {0}",
)
_KEY = "convert_to(:code, 'UTF8')"


def _keyed(*statements: str) -> tuple[str, ...]:
    return tuple(statement.replace("{0}", _KEY) for statement in statements)


@dataclass(frozen=True)
class Damage:
    """Statements about the enterprise `:code`; the link that is found broken, and whether it is mended."""

    statements: tuple[str, ...]
    link: Link
    mended: bool = True
    pattern: Pattern = YELLOW


DAMAGES: dict[str, Damage] = {
    "the dispatcher forgot that it had acted": Damage(
        (f"delete from dispatch.inbox where event_id in ({_GRADED})",), Link.EVENT_READ
    ),
    "deadline_watch forgot that it had acted": Damage(
        (f"delete from watch.inbox where event_id in ({_OPENED})",), Link.EVENT_READ, pattern=RED
    ),
    "alert_ingest forgot that it had acted": Damage(
        (f"delete from ingest.inbox where event_id in ({_OPENED})",), Link.EVENT_READ
    ),
    "the dispatcher and the watch fell back to before it": Damage(
        _keyed(
            *_NEVER_HAPPENED_IN_WATCH,
            *_NEVER_HAPPENED_IN_DISPATCH,
            f"delete from dispatch.inbox where event_id in ({_GRADED})",
        ),
        Link.EVENT_READ,
    ),
    "a case that nobody was told of is gone": Damage(
        _keyed(*_NEVER_HAPPENED_IN_WATCH, *_NEVER_HAPPENED_IN_DISPATCH), Link.ALERT_CASE, pattern=RED
    ),
    "a reminder is gone": Damage(
        ("delete from dispatch.notices where enterprise_code = :code",), Link.ALERT_CASE, pattern=WHITE
    ),
    "the event of an alert is gone": Damage(
        (f"delete from ingest.outbox where event_id in ({_GRADED})",), Link.ALERT_EMITTED
    ),
    "the event of a reminder is gone": Damage(
        (f"delete from ingest.outbox where event_id in ({_GRADED})",), Link.ALERT_EMITTED, pattern=WHITE
    ),
    "the opening of a case is gone": Damage(
        (f"delete from dispatch.outbox where event_id in ({_OPENED})",), Link.CASE_EMITTED
    ),
    "a clock is gone": Damage(
        (
            "delete from watch.steps where enterprise_code = :code",
            "delete from watch.deadlines where enterprise_code = :code",
        ),
        Link.CASE_CLOCK,
        pattern=RED,
    ),
    "an alert is gone": Damage(
        ("delete from ingest.alerts where enterprise_code = :code",), Link.EVENT_ALERT, mended=False
    ),
    "an event is gone": Damage(
        ("delete from ingest.events where enterprise_code = :code",), Link.ALERT_EVENT, mended=False
    ),
    "a repeat is miscounted": Damage(
        ("update ingest.alerts set repeats = repeats + 1 where enterprise_code = :code",), Link.REPEATS, mended=False
    ),
    "a case that was told of is gone": Damage(
        ("delete from dispatch.cases where enterprise_code = :code",), Link.CASE_LOST, mended=False
    ),
    "a case closed without an outcome": Damage(
        ("update dispatch.cases set state = 'approved' where enterprise_code = :code",),
        Link.OUTCOME,
        mended=False,
        pattern=RED,
    ),
    "the clock of an open case was cancelled": Damage(
        ("update watch.deadlines set state = 'cancelled' where enterprise_code = :code",),
        Link.CLOCK_STATE,
        mended=False,
    ),
}


async def inflict(world: World, damage: Damage, enterprise: Enterprise) -> None:
    async with world.services["watch"].database.transaction() as connection:
        for statement in damage.statements:
            await connection.execute(text(statement), {"code": enterprise.code})
