"""The routes that every service has alike, each over its own tables: proposals, dead letters, brakes, replicas."""

from collections.abc import Iterator
from typing import TypeVar

from shared.messaging.brakes.store import Brakes
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.outbox import Outbox
from shared.messaging.proposals.proposals import Proposals
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.replicas import SeenReplicas
from shared.web import brakes as brake_routes
from shared.web import dead_letters as dead_letter_routes
from shared.web import proposals as proposal_routes
from shared.web import replicas as replica_routes
from shared.web.idempotency import Mutations
from shared.web.routes import Routes

W = TypeVar("W", bound=UnitOfWork)


def common_routes(
    units: UnitsOfWork[W],
    mutations: Mutations[W],
    letters: DeadLetters,
    brakes: Brakes[W],
    replicas: SeenReplicas,
    outbox: Outbox,
    proposals: Proposals[W] | None = None,
) -> Iterator[Routes]:
    """Make them; those of `proposals` for a service that keeps any."""
    if proposals is not None:
        yield proposal_routes.router(proposals, units, mutations)
    yield dead_letter_routes.router(letters, units.database, mutations, units.clock)
    yield brake_routes.router(brakes, units.database, mutations)
    yield replica_routes.router(units.database, replicas, outbox)
