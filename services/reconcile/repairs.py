"""Having gaps mended: every service mends its own schema, and this says which, in which order.

Every repair may be done twice. Where it takes two services, the reader forgets first and the writer publishes again
then, each in a unit of work of its own: after a crash between them the next pass finds an event that its reader has
not acted on, and has it published again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from services.alert_ingest.handlers.repair import Repair as AlertIngest
from services.console.handlers.repair import Repair as Console
from services.deadline_watch.handlers.repair import Repair as DeadlineWatch
from services.dispatcher.handlers.repair import Repair as Dispatcher
from services.reconcile.findings import Gap, Link, Remedy
from shared.contract.events import CaseType
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock


class Repairs:
    """Has the gaps of one link mended; answers how many events leave because of it."""

    def __init__(self, settings: Settings, clock: Clock, database: Database) -> None:
        self._ingest = AlertIngest.of(settings, clock, database)
        self._dispatch = Dispatcher.of(settings, clock, database)
        self._watch = DeadlineWatch.of(settings, clock, database)
        self._console = Console.of(settings, clock, database)

    async def mend(self, link: Link, remedy: Remedy, gaps: Sequence[Gap]) -> int:
        match link, remedy:
            case (_, Remedy.PUBLISH):
                return await self._publish_again(gaps)
            case (Link.ALERT_CASE, Remedy.ACT):
                await self._dispatch.act_anew(_abouts(gaps))
                return await self._ingest.publish_again(_abouts(gaps))
            case (_, Remedy.ACT):
                # A clock's state is a function of all that was published of its case.
                event_ids = await self._dispatch.published_of(_abouts(gaps))
                await self._watch.act_anew(event_ids)
                return await self._dispatch.publish_again(event_ids)
            case (Link.ALERT_EMITTED, Remedy.COMPOSE):
                return await self._ingest.compose_grades_again(_abouts(gaps))
            case (_, Remedy.COMPOSE):
                return await self._compose_steps_again(gaps)

    async def _publish_again(self, gaps: Iterable[Gap]) -> int:
        writers: dict[str, AlertIngest | Dispatcher | DeadlineWatch | Console]
        writers = {
            "ingest": self._ingest,
            "dispatch": self._dispatch,
            "watch": self._watch,
            "console": self._console,
        }
        by_writer: defaultdict[str, list[UUID]] = defaultdict(list)
        for event_id, writer in _held(gaps):
            by_writer[writer].append(event_id)
        return sum([await writers[writer].publish_again(ids) for writer, ids in by_writer.items()])

    async def _compose_steps_again(self, gaps: Iterable[Gap]) -> int:
        steps: defaultdict[UUID, set[CaseType]] = defaultdict(set)
        for case_id, type_ in _held(gaps):
            steps[case_id].add(CaseType(type_))
        return await self._dispatch.compose_steps_again(steps)


def _held(gaps: Iterable[Gap]) -> list[tuple[UUID, str]]:
    return [(gap.about, gap.detail) for gap in gaps if gap.about is not None and gap.detail is not None]


def _abouts(gaps: Iterable[Gap]) -> list[UUID]:
    return [gap.about for gap in gaps if gap.about is not None]
