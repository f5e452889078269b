"""One system and one browser for all tests of the web apps; a browser context for each person in them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, expect, sync_playwright

from services.front.apps import are_built
from shared.contract.events import Topic
from shared.messaging.kafka import ensure_topics
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from tests.servers import Server, new_database
from tests.web.browser import Person, Theme, person
from tests.web.system import WebSystem

CHROMIUM = Path("/usr/bin/chromium")
MORNING = "2026-11-30T09:00:00"
"""A Monday, at the beginning of the working day."""
NewPerson = Callable[..., Person]
NewSystem = Callable[..., AbstractContextManager[WebSystem]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser or without built apps there is nothing to look at; how to get them is said."""
    reason = None
    if not CHROMIUM.exists():
        reason = f"no Chromium at {CHROMIUM}: `apt-get install chromium` brings it"
    elif not are_built():
        reason = "the apps are not built: `make web` does it"
    if reason is not None:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def new_system(
    postgres: Server,
    template: str,
    broker: str,
    embedded_broker: EmbeddedBroker | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> NewSystem:
    """Makes systems: `with new_system("name", TRICOLOR_…="…") as system`, each on a database and topics of its own."""

    async def topics(settings: Settings) -> None:
        names = [settings.topic(name) for topic in Topic for name in (topic, topic.dead_letter)]
        if embedded_broker is not None:
            await embedded_broker.ensure_topics(names)
        else:
            await ensure_topics(settings.kafka_client(broker), names, settings.topic_partitions)

    @contextmanager
    def make(name: str, **environment: str) -> Iterator[WebSystem]:
        settings = Settings(topic_prefix=f"web-{name}-", topic_partitions=2)
        # In a thread of its own: Playwright keeps this one's event loop to itself.
        with start_blocking_portal() as portal:
            portal.call(topics, settings)
            with portal.wrap_async_context_manager(new_database(postgres, template)) as url:
                made = WebSystem(settings, url, broker, tmp_path_factory.mktemp(name), environment)
                made.at(MORNING)
                made.start()
                yield made
                made.kill()

    return make


@pytest.fixture(scope="session")
def system(new_system: NewSystem) -> Iterator[WebSystem]:
    """The sample district on a Monday morning. Tests share it: each takes enterprises of its own."""
    with new_system("sample") as made:
        yield made


@pytest.fixture(scope="session")
def chromium(system: WebSystem) -> Iterator[Browser]:
    del system  # what is asynchronous is set up before: Playwright keeps the thread's event loop to itself
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        expect.set_options(timeout=20_000)  # the machine may be busy with more than this
        yield browser
        browser.close()


@pytest.fixture
def new_person(chromium: Browser, system: WebSystem) -> Iterator[NewPerson]:
    """Makes people at browsers, `new_person(token, width=390, theme="dark")`; none may have met an error at the end."""
    people: list[Person] = []

    def make(
        token: str | None = None,
        *,
        width: int = 1440,
        theme: Theme = "light",
        language: str = "zh-CN",
        zone: str = "Europe/Paris",
    ) -> Person:
        people.append(person(chromium, system.http, token, width=width, theme=theme, language=language, zone=zone))
        return people[-1]

    yield make
    errors = [error for one in people for error in one.errors]
    for one in people:
        one.context.close()
    assert not errors, "\n".join(errors)
