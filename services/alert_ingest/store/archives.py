"""What alert_ingest moves to its archives: events of alerts that are dealt with, and refusals."""

from services.alert_ingest import tables
from shared.storage.archive import ArchivedTable
from shared.storage.retention import Archive, RetentionPolicy

# Nothing of an open case is moved or dropped, however old. An alert above white that is not known to have been dealt
# with is taken to be open: its case was not received yet, or was closed before closings were stored here.
_DEALT_WITH = """
    not exists (select 1 from ingest.cases c where c.alert_id = h.alert_id and c.closed_at is null)
    and (exists (select 1 from ingest.cases c where c.alert_id = h.alert_id)
         or exists (select 1 from ingest.alerts a where a.alert_id = h.alert_id and a.level = 'white'))
"""
# The span of keeping runs from the closing of the case, also of one that was opened again since the event was moved.
_HELD = f"""
    exists (select 1 from ingest.events h
             where h.source = m.source and h.id = m.id
               and (not ({_DEALT_WITH})
                    or exists (select 1 from ingest.cases c where c.alert_id = h.alert_id and c.closed_at >= :since)))
"""


def archives(policy: RetentionPolicy) -> list[tuple[ArchivedTable, Archive]]:
    """Of an event only the body goes: by its row it is known when it comes again, at no cost to the intake."""
    events = ArchivedTable(
        tables.events,
        tables.event_bodies,
        "received_at",
        ready=_DEALT_WITH,
        present="h.body is not null",
        held=_HELD,
        emptied="body",
    )
    refusals = ArchivedTable(tables.refusals, tables.refusals_archive, "refused_at")
    return [(events, policy.archives.events), (refusals, policy.archives.refusals)]
