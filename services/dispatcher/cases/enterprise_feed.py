"""Finding the enterprises whose cases another replica changed, for the requests that they hold open."""

from sqlalchemy import text

from services.dispatcher.cases.wakeups import HeldRequests
from shared.storage.database import Database

# All of a case that an enterprise may be shown changes one of these.
_FINGERPRINTS = text("""
    select asked.code, (select md5(coalesce(string_agg(jsonb_build_array(
                               c.case_id, c.revision, c.state, c.due_text, extract(epoch from c.due_at))::text,
                               ',' order by c.case_id), ''))
                          from dispatch.cases c where c.enterprise_code = asked.code) as fingerprint
      from unnest(cast(:codes as text[])) as asked (code)
""")


class Recheck:
    """A duty of every second: one query for all held requests."""

    def __init__(self, database: Database, held: HeldRequests) -> None:
        self._database, self._held = database, held
        self._seen: dict[str, str] = {}

    async def run_once(self) -> int:
        """Wake the enterprises whose cases are not as at the last look; answer how many these are.

        One that was not looked at before is woken too: what it knows may be older than this look.
        """
        codes = self._held.holders()
        if not codes:
            self._seen.clear()
            return 0
        async with self._database.autocommit() as connection:
            rows = (await connection.execute(_FINGERPRINTS, {"codes": codes})).all()
        now = {row.code: row.fingerprint for row in rows}
        changed = [code for code, fingerprint in now.items() if self._seen.get(code) != fingerprint]
        self._seen = now
        self._held.wake(changed)
        return len(changed)
