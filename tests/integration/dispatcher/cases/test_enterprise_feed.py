"""An enterprise's list of cases, held until it changes: by what the enterprise may know, and by nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import text

from services.dispatcher.cases.enterprise_feed import Recheck
from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import ENTERPRISE, Bureau

CASES = "/v1/cases"


@pytest.fixture
async def enterprise(bureau: Bureau) -> AsyncIterator[httpx.AsyncClient]:
    async with bureau.api.app(Role.ENTERPRISE, ENTERPRISE) as client:
        yield client


@asynccontextmanager
async def held(
    bureau: Bureau, client: httpx.AsyncClient, wait: int = 60
) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """A request that is held: the server sleeps on it."""
    tag = (await client.get(CASES)).headers["etag"]
    request = asyncio.create_task(client.get(CASES, params={"wait": wait}, headers={"If-None-Match": tag}))
    while not bureau.wakeups.enterprises.known():  # noqa: ASYNC110  the server tells nobody that it sleeps
        await asyncio.sleep(0.01)
    yield request
    request.cancel()


async def test_what_is_asked_of_an_enterprise_answers_its_request(
    bureau: Bureau, enterprise: httpx.AsyncClient
) -> None:
    async with held(bureau, enterprise) as request:
        case_id = await bureau.yellow()
        answer = await asyncio.wait_for(request, 30)
    assert answer.status_code == 200
    assert [item["case_id"] for item in answer.json()["items"]] == [str(case_id)]


async def test_a_visit_that_is_not_announced_answers_nobody(bureau: Bureau, enterprise: httpx.AsyncClient) -> None:
    async with held(bureau, enterprise, wait=2) as request:
        await bureau.red()
        answer = await asyncio.wait_for(request, 30)
    assert answer.status_code == 304


async def test_what_another_replica_changed_is_found(bureau: Bureau, enterprise: httpx.AsyncClient) -> None:
    await bureau.yellow()
    recheck = Recheck(bureau.database, bureau.wakeups.enterprises)
    assert await recheck.run_once() == 0  # nobody asks
    async with held(bureau, enterprise) as request:
        assert await recheck.run_once() == 1  # not looked at before
        assert await recheck.run_once() == 0
        async with bureau.database.transaction() as connection:
            await connection.execute(text("update dispatch.cases set revision = revision + 1"))
        assert await recheck.run_once() == 1
        assert (await asyncio.wait_for(request, 30)).status_code == 200


async def test_who_is_let_go_is_answered(bureau: Bureau, enterprise: httpx.AsyncClient) -> None:
    async with held(bureau, enterprise) as request:
        bureau.wakeups.release_all()
        assert (await asyncio.wait_for(request, 30)).status_code == 304


async def test_the_bureau_is_answered_at_once(bureau: Bureau) -> None:
    async with bureau.api.app(Role.SECTION, "section") as section:
        tag = (await section.get(CASES)).headers["etag"]
        answer = await section.get(CASES, params={"wait": 60}, headers={"If-None-Match": tag})
    assert answer.status_code == 304
