"""The question of each link: one set-wise statement, which answers its gaps as columns of `Gap`.

They look at what was stored from `:since` on and at everything unfinished, and compare it with `emitted`, `unread`
and `heard` (see `evidence`). `:before` is a grace before now: what was handed over later is on its way.
"""

from collections.abc import Mapping

from services.dispatcher.domain.lifecycle import CLOSED
from services.infrastructure import OUTBOXES
from services.reconcile.findings import Link
from shared.contract.events import ALERT_DISMISSED, ALERT_GRADED, ALERT_REGRADED, CaseKind, CaseType, DeadlineType
from shared.messaging.dead_letters.store import LetterState
from shared.messaging.relayed import waits

_GRADES = f"('{ALERT_GRADED}', '{ALERT_REGRADED}')"
_ENDED = ", ".join(f"'{state}'" for state in sorted(CLOSED))
_KIND = f"case {{0}}.level when 'yellow' then '{CaseKind.SELF_REPORT}' else '{CaseKind.ON_SITE}' end"
# A reader that has not recorded an event owes nothing for it yet: that is a gap of another link.
_UNREAD_OF_CASE = """exists (select 1 from unread u join emitted t using (event_id)
                                where u.reader = 'watch' and t.topic = 'cases' and t.case_id = c.case_id)"""
_EMITTED_OF_CASE = "exists (select 1 from emitted t where t.topic = 'cases' and t.case_id = c.case_id{0})"
_CONCERNED = """(select case_id from dispatch.cases where opened_at >= :since or closed_at is null
                 union select case_id from watch.deadlines where closed_at is null)"""


def _relayed(schema: str) -> str:
    """One gap an outbox. Where its relay is at work, what waits is on its way, however much that is."""
    return f"""
        select '{schema}.outbox' as subject, cast(null as text) as enterprise_code, min(o.appended_at) as since
          from {schema}.outbox o
         where {waits(f"{schema}.outbox", "o")} and o.appended_at <= :before
           and not exists (select 1 from {schema}.outbox p where p.published_at > :before)
        having count(*) > 0"""


def _letters(schema: str) -> str:
    return f"""
        select '{schema}.dead_letters ' || l.topic || ' ' || l.code as subject, cast(null as text) as enterprise_code,
               min(l.failed_at) as since, l.code as detail, count(*) as number
          from {schema}.dead_letters l
         where l.state = '{LetterState.WAITING}'
         group by l.topic, l.code"""


def _brakes(schema: str) -> str:
    return f"""
        select '{schema}.brakes ' || b.topic || '/' || b.partition as subject, cast(null as text) as enterprise_code,
               b.since, b.code as detail
          from {schema}.brakes b
         where b.released_at is null"""


_STOPPED = " union all ".join(
    f"select 1 from {outbox.schema}.brakes b where b.released_at is null and u.reader = '{outbox.schema}'"
    " and right(b.topic, length(t.topic)) = t.topic"
    for outbox in OUTBOXES
)


QUESTIONS: Mapping[Link, str] = {
    # The identifiers first, which stand in an index; the events of those that are missing then.
    Link.EVENT_ALERT: """
        with missing as materialized (
            select distinct e.alert_id from ingest.events e
             where not exists (select 1 from ingest.alerts a where a.alert_id = e.alert_id))
        select e.source || ' ' || e.id as subject, e.enterprise_code, e.received_at as since
          from ingest.events e join missing using (alert_id)""",
    Link.ALERT_EVENT: """
        select a.alert_id::text as subject, a.enterprise_code, a.received_at as since
          from ingest.alerts a
         where a.received_at >= :since
           and not exists (select 1 from ingest.events e where e.alert_id = a.alert_id and not e.is_repeat)""",
    Link.REPEATS: """
        select a.alert_id::text as subject, a.enterprise_code, a.received_at as since
          from ingest.alerts a
          left join (select alert_id, count(*) as events from ingest.events where is_repeat group by alert_id) repeated
            using (alert_id)
         where a.received_at >= :since and a.repeats <> coalesce(repeated.events, 0)""",
    # Composed again is the grade in force. A regraded one only where it has no effect yet: it ends what was before it.
    Link.ALERT_EMITTED: f"""
        with met as (
            select alert_id from ingest.alerts where received_at >= :since
            union select alert_id from ingest.former_gradings where superseded_at >= :since),
        grades as (
            select alert_id, revision, level, issued_at from ingest.alerts join met using (alert_id)
            union all
            select alert_id, revision, level, issued_at from ingest.former_gradings join met using (alert_id))
        select g.alert_id || ' ' || g.revision as subject, a.enterprise_code, g.issued_at as since,
               g.alert_id as about,
               case when g.revision = a.revision and a.dismissed_at is null
                     and (g.revision = 1 or g.level <> 'white' and not exists (
                            select 1 from dispatch.cases c
                             where c.alert_id = g.alert_id and c.alert_revision = g.revision))
                    then 'compose' end as remedy
          from grades g join ingest.alerts a using (alert_id)
         where g.issued_at >= :since
           and not exists (select 1 from emitted t where t.alert_id = g.alert_id and t.revision = g.revision
                              and t.type in {_GRADES})
        union all
        select a.alert_id || ' dismissed', a.enterprise_code, a.dismissed_at, a.alert_id, null
          from ingest.alerts a join met using (alert_id)
         where a.dismissed_at >= :since
           and not exists (select 1 from emitted t where t.alert_id = a.alert_id and t.type = '{ALERT_DISMISSED}')""",
    Link.RELAYED: " union all ".join(_relayed(str(outbox.schema)) for outbox in OUTBOXES),
    # A reader that lately acted on something handed over longer ago than the grace is behind: what waits is on its way,
    # however much that is. What it passed over, of the same enterprise, is not.
    # Where the reader has stopped a partition of the topic, it would only find the event there once more.
    Link.EVENT_READ: f"""
        select t.event_id || ' ' || u.reader as subject, t.enterprise_code, t.published_at as since,
               t.event_id as about, t.writer as detail,
               case when not exists ({_STOPPED}) then 'publish' end as remedy,
               t.appended_at as first_at, t.published_at as handed_at
          from unread u
          join emitted t using (event_id)
          left join heard h using (reader, writer, topic, enterprise_code)
         where not u.letter and t.published_at <= :before
           and (h.until > t.published_at
                or (u.reader, t.writer, t.topic) not in (
                   select reader, writer, topic from heard
                    group by reader, writer, topic having min(lately) <= :before))""",
    # Every grade that is heard of opens a case of its own kind, or reminds unless another reminder stood; whatever
    # becomes of it, the row stays. One that is held waits for a person.
    Link.ALERT_CASE: f"""
        select t.alert_id || ' ' || t.revision as subject, t.enterprise_code, t.published_at as since,
               t.event_id as about, 'dispatch' as detail,
               case when a.revision = t.revision and a.dismissed_at is null then 'act' end as remedy,
               t.appended_at as first_at, t.published_at as handed_at
          from emitted t left join ingest.alerts a using (alert_id)
         where t.type in {_GRADES} and not t.held
           and not exists (select 1 from unread u where u.event_id = t.event_id and u.reader = 'dispatch')
           and case t.level
               when 'white' then a.counted_on is null and not exists (
                   select 1 from dispatch.notices n where n.occasion = 'alert:' || t.alert_id || '\\:reminder')
               else not exists (
                   select 1 from dispatch.cases c where c.alert_id = t.alert_id and c.alert_revision = t.revision
                                                    and c.kind = {_KIND.format("t")})
               and not exists (  -- a case that there was an event of and is gone is the gap of the next link
                   select 1 from emitted o where o.alert_id = t.alert_id and o.type = '{CaseType.OPENED}'
                                          and o.kind = {_KIND.format("t")}
                                          and not exists (select 1 from dispatch.cases c where c.case_id = o.case_id))
               end""",
    Link.CASE_LOST: """
        select known.case_id::text as subject, min(known.enterprise_code) as enterprise_code, min(known.since) as since
          from (select t.case_id, t.enterprise_code, t.appended_at as since from emitted t
                 where t.topic = 'cases' and t.case_id is not null
                union all
                select d.case_id, d.enterprise_code, d.started_at from watch.deadlines d where d.closed_at is null
               ) known
         where not exists (select 1 from dispatch.cases c where c.case_id = known.case_id)
         group by known.case_id""",
    # Each step of a case has its number. Of those that are missing, opening and closing are composed again.
    Link.CASE_EMITTED: f"""
        with numbered as (
            select c.case_id, c.enterprise_code, c.opened_at, c.closed_at, c.revision,
                   count(distinct t.revision) filter (where t.revision > 0) as steps,
                   bool_or(t.revision = 0) as unnumbered,
                   coalesce(bool_or(t.type = '{CaseType.OPENED}'), false) as opened,
                   coalesce(bool_or(t.type = '{CaseType.CLOSED}'), false) as closed
              from dispatch.cases c left join emitted t on t.topic = 'cases' and t.case_id = c.case_id
             where c.opened_at >= :since
             group by c.case_id)
        select case_id || ' opened' as subject, enterprise_code, opened_at as since, case_id as about,
               '{CaseType.OPENED}' as detail, 'compose' as remedy
          from numbered where not opened
        union all
        select case_id || ' closed', enterprise_code, closed_at, case_id, '{CaseType.CLOSED}', 'compose'
          from numbered where closed_at is not null and not closed
        union all
        select case_id || ' steps', enterprise_code, opened_at, case_id, null, null
          from numbered
         where not coalesce(unnumbered, false)
           and steps < revision - (not opened)::int - (closed_at is not null and not closed)::int""",
    # A clock is computed, not decided: acted on anew, the events of a case make the same one.
    Link.CASE_CLOCK: f"""
        select c.case_id::text as subject, c.enterprise_code, c.opened_at as since, c.case_id as about,
               case when not exists (select 1 from emitted t where t.case_id = c.case_id
                                                            and t.type = '{DeadlineType.MISSED}')
                    then 'act' end as remedy
          from dispatch.cases c
         where (c.opened_at >= :since or c.closed_at is null)
           and not exists (select 1 from watch.deadlines d where d.case_id = c.case_id and d.kind = c.kind)
           and (c.opened_at < :since or {_EMITTED_OF_CASE.format("")})
           and not {_UNREAD_OF_CASE}""",
    Link.CLOCK_STATE: f"""
        select c.case_id::text as subject, c.enterprise_code, coalesce(c.closed_at, d.closed_at, c.opened_at) as since,
               c.case_id as about, case when c.closed_at is not null and d.closed_at is null then 'act' end as remedy
          from {_CONCERNED} concerned
          join dispatch.cases c using (case_id)
          join watch.deadlines d on d.case_id = c.case_id and d.kind = c.kind
         where case when c.closed_at is null then d.closed_at is not null or d.state = 'cancelled'
                    else (d.closed_at is null or d.state in ('open', 'warned') and d.due_at <= :before)
                         and (c.closed_at < :since or {_EMITTED_OF_CASE.format(f" and t.type = '{CaseType.CLOSED}'")})
               end
           and not {_UNREAD_OF_CASE}""",
    Link.OUTCOME: f"""
        select c.case_id::text as subject, c.enterprise_code, coalesce(c.closed_at, c.opened_at) as since
          from dispatch.cases c
         where (c.opened_at >= :since or c.closed_at is null)
           and ((c.state in ({_ENDED})) <> (c.closed_at is not null)
                or c.closed_at is not null and c.outcome is null)""",
    Link.MISS: """
        select d.deadline_id::text as subject, d.enterprise_code, d.due_at as since
          from watch.deadlines d
         where (d.due_at >= :since or d.closed_at is null) and d.due_at <= :before and d.paused_at is null
           and (d.state in ('open', 'warned')
                or d.state = 'overdue' and not exists (
                    select 1 from watch.steps s
                     where s.deadline_id = d.deadline_id and s.step = 'missed' and s.outcome = 'fired'))""",
    Link.STEP_EMITTED: """
        select s.deadline_id || ' ' || s.step || ' ' || s.version as subject, s.enterprise_code, s.done_at as since
          from watch.deadlines d join watch.steps s using (deadline_id)
         where (d.due_at >= :since or d.closed_at is null) and s.outcome = 'fired' and s.done_at >= :since
           and not exists (select 1 from emitted t where t.topic = 'deadlines' and t.deadline_id = s.deadline_id
                              and t.step = s.step and t.version in (s.version, 0))""",
    # A miss that was corrected may be emitted again; nothing else is ever emitted twice.
    Link.STEP_DOUBLED: f"""
        select t.deadline_id || ' ' || t.step || ' ' || t.version as subject, min(t.enterprise_code) as enterprise_code,
               max(t.appended_at) as since
          from emitted t
         where t.topic = 'deadlines' and t.step is not null
         group by t.deadline_id, t.step, t.version
        having count(*) > 1 + case when min(t.type) <> '{DeadlineType.MISSED}' then 0 else (
                   select count(*) from emitted m
                    where m.deadline_id = t.deadline_id and m.type = '{DeadlineType.MET}') end""",
    Link.LETTERS: " union all ".join(_letters(str(outbox.schema)) for outbox in OUTBOXES),
    Link.BRAKES: " union all ".join(_brakes(str(outbox.schema)) for outbox in OUTBOXES),
}
