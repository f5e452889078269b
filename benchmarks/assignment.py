"""What a burst costs to assign: 500 red cases over 20 stations and 400 officers, together and one by one."""

import random
import time
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, text

from benchmarks.dispatching import ENTERPRISES, STATIONS, hear_reds, prepared
from services.dispatcher.assignments.queue import AssignmentQueue
from services.dispatcher.domain.batch_assignment import assign_batch, one_by_one
from services.dispatcher.domain.distance import Place
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.team_choice import Candidate, Matter
from services.dispatcher.tables import officers
from shared.runtime.embedded import EmbeddedPostgres
from shared.time.instants import SHANGHAI

CASES, OFFICERS_EACH = 500, 20
NOW = datetime(2026, 3, 3, 0, 5, tzinfo=SHANGHAI)
_SKILLS = ["gas", "water", "voc", "monitoring_equipment"]


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print what the plans cost and how long they take, and how long it takes until all is stored."""
    await _plans()
    desk = await prepared(postgres.url(), NOW)
    async with desk.database.transaction() as connection:
        await connection.execute(
            insert(officers),
            [
                {
                    "code": f"s{station:02}-{number:02}",
                    "name": f"执法员{number}",
                    "station": f"s{station:02}",
                    "certified": True,
                    "on_duty": True,
                    "skills": random.Random(number).sample(_SKILLS, 2),
                    "updated_at": NOW,
                }
                for station in range(STATIONS)
                for number in range(OFFICERS_EACH)
            ],
        )
    await hear_reds(desk, range(CASES))
    queue = AssignmentQueue(CASES)
    began = time.perf_counter()
    async with desk.units.open() as work:
        assigned = await queue.assign_page(work)
    took = time.perf_counter() - began
    async with desk.database.transaction() as connection:
        most = await connection.scalar(
            text("select max(n) from (select count(*) n from dispatch.assignments group by officer) held")
        )
    assert assigned == CASES, assigned
    assert ENTERPRISES >= CASES
    print(f"{CASES} cases assigned and stored:    {took:8.2f} s, at most {most} an officer")
    await desk.database.close()


async def _plans() -> None:
    choice, policy = random.Random(500), DispatchPolicy.load()
    together = singly = seconds = base = 0.0
    for station in range(STATIONS):
        candidates = [_candidate(choice, f"s{station:02}-{number:02}") for number in range(OFFICERS_EACH)]
        matters = [_matter(choice, candidates) for _ in range(CASES // STATIONS)]
        began = time.perf_counter()
        together += assign_batch(matters, candidates, policy).points
        middle = time.perf_counter()
        singly += one_by_one(matters, candidates, policy).points
        seconds, base = seconds + middle - began, base + time.perf_counter() - middle
    print(f"one by one (base):                 {base:8.2f} s, {singly:.0f} points")
    print(f"as bursts:                         {seconds:8.2f} s, {together:.0f} points, {together / singly:.1%}")


def _candidate(choice: random.Random, code: str) -> Candidate:
    return Candidate(
        code,
        code,
        skills=frozenset(choice.sample(_SKILLS, choice.choice([1, 1, 2]))),
        open_cases=choice.randint(0, 4),
        due_soon=choice.randint(0, 1),
        recent=choice.randint(0, 15),
        places=(_place(choice),),
    )


def _matter(choice: random.Random, candidates: list[Candidate]) -> Matter:
    familiar = choice.sample([one.officer for one in candidates], choice.choice([0, 0, 2]))
    skills = choice.sample(_SKILLS, choice.choice([1, 1, 2]))
    return Matter(uuid4(), frozenset(skills), _place(choice), familiar=frozenset(familiar))


def _place(choice: random.Random) -> Place:
    return Place(113.8 + choice.random() / 5, 22.6 + choice.random() / 5)
