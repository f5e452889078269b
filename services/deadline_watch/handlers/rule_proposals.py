"""Proposals to change the calendar or the deadline policy: what would move, and what confirming one does."""

from collections.abc import Iterable
from datetime import date, datetime

from services.deadline_watch.domain.calendar import LocalDay, Year
from services.deadline_watch.handlers.change_rules import Author, Changed, RuleChanges
from shared.contract.dates import day_in_words
from shared.contract.events import Bilingual
from shared.contract.roles import Role
from shared.messaging.proposals.people import Matter
from shared.messaging.proposals.proposals import Confirmed, Draft, Kind
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.instants import instant_of, shown

AUTHORS = frozenset({Role.SECTION, Role.ADMIN})
_CONFIRMERS = AUTHORS | {Role.LEADER}
_YEAR, _LOCAL_DAY_OFF, _POLICY = "calendar_year", "local_day_off", "deadline_policy"


class RuleProposals:
    """Makes proposals about what all clocks are computed by, and the changes that another person confirms.

    A preview raises what the change would. Drafts are of the whole bureau.
    """

    def __init__(self, changes: RuleChanges) -> None:
        self._changes = changes

    def kinds(self) -> Iterable[Kind[UnitOfWork]]:
        for name, about, title, apply in (
            (_YEAR, "year", Bilingual(zh="年度日历", en="A year's calendar"), self._import_year),
            (_LOCAL_DAY_OFF, "day", Bilingual(zh="本地停工日", en="A local day off"), self._add_local_day_off),
            (_POLICY, "policy", Bilingual(zh="时限策略", en="A deadline policy"), self._publish_policy),
        ):
            yield Kind(name=name, title=title, about=about, proposers=AUTHORS, confirmers=_CONFIRMERS, apply=apply)

    async def year(self, work: UnitOfWork, number: int, entry: Year, author: Author, *, keeps_local: bool) -> Draft:
        preview = await self._changes.import_year(work, number, entry, author, dry_run=True, keeps_local=keeps_local)
        ground = f"{entry.notice.title}（{entry.notice.number or '文号未录'}）" if entry.notice else author.reason
        return _draft(
            _YEAR,
            str(number),
            Bilingual(zh=f"{number} 年日历", en=f"the calendar of {number}"),
            author.reason,
            ground,
            {"entry": entry.model_dump(mode="json"), "keeps_local": keeps_local},
            preview,
        )

    async def local_day_off(self, work: UnitOfWork, day: date, local: LocalDay, author: Author) -> Draft:
        preview = await self._changes.add_local_day_off(work, day, local, author, dry_run=True)
        return _draft(
            _LOCAL_DAY_OFF,
            day.isoformat(),
            Bilingual(
                zh=f"{day.year}年{day_in_words(day).zh}{local.name}，本地不计工作日",
                en=f"{day_in_words(day).en} {day.year} off: {local.name}",
            ),
            author.reason,
            local.ground,
            {"name": local.name, "ground": local.ground},
            preview,
        )

    async def policy(self, work: UnitOfWork, body: str, effective_from: datetime | None, author: Author) -> Draft:
        preview = await self._changes.publish_policy(work, body, effective_from, author, dry_run=True)
        return _draft(
            _POLICY,
            preview.version,
            Bilingual(zh=f"时限策略 {preview.version}", en=f"deadline policy {preview.version}"),
            author.reason,
            author.reason,
            {"policy": body, "effective_from": effective_from and shown(effective_from)},
            preview,
        )

    async def _import_year(self, work: UnitOfWork, confirmed: Confirmed) -> Changed:
        entry, keeps_local = Year.model_validate(confirmed.parameters["entry"]), confirmed.parameters["keeps_local"]
        number, author = int(confirmed.subject), _author(confirmed)
        return await self._changes.import_year(work, number, entry, author, dry_run=False, keeps_local=keeps_local)

    async def _add_local_day_off(self, work: UnitOfWork, confirmed: Confirmed) -> Changed:
        day, local = date.fromisoformat(confirmed.subject), LocalDay.model_validate(confirmed.parameters)
        return await self._changes.add_local_day_off(work, day, local, _author(confirmed), dry_run=False)

    async def _publish_policy(self, work: UnitOfWork, confirmed: Confirmed) -> Changed:
        effective_from = confirmed.parameters["effective_from"]
        return await self._changes.publish_policy(
            work,
            confirmed.parameters["policy"],
            effective_from and instant_of(effective_from),
            _author(confirmed),
            dry_run=False,
        )


def _author(confirmed: Confirmed) -> Author:
    by = confirmed.confirmed_by
    return Author(confirmed.proposed_by.name, confirmed.reason, by.name, by.actor)


def _draft(
    kind: str,
    subject: str,
    what: Bilingual,
    reason: str,
    ground: str,
    parameters: dict[str, object],
    preview: Changed,
) -> Draft:
    moves = preview.moves
    return Draft(
        kind=kind,
        subject=subject,
        matter=Matter(),
        summary=Bilingual(
            zh=f"{what.zh}，{moves.moved} 个时限变动，{moves.becoming_overdue} 个将逾期",
            en=f"{what.en}: {moves.moved} deadlines move, {moves.becoming_overdue} become overdue",
        ),
        reason=reason,
        ground=ground,
        parameters=parameters,
        after=preview.model_dump(mode="json"),
    )
