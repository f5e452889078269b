"""Errors of every service in Chinese, or in English for who prefers it; what programs read is the same."""

from collections.abc import Callable

import httpx
import pytest

from shared.contract.roles import Role
from tests.unit.doors.conftest import BUILDS

Client = Callable[[str, Role], httpx.AsyncClient]


@pytest.mark.parametrize("name", BUILDS)
async def test_one_problem_in_two_languages(client: Client, name: str) -> None:
    async with client(name, Role.ADMIN) as app:
        path = "/v1/dead-letters?since=20261122&nonsense=1"
        chinese = await app.get(path)
        english = await app.get(path, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert (chinese.headers["content-language"], english.headers["content-language"]) == ("zh-CN", "en")
    assert chinese.headers["vary"] == english.headers["vary"] == "Accept-Language"
    told, said = chinese.json(), english.json()
    assert told["title"] == "请求不符合接口约定"
    assert said["title"] == "The request does not fit the contract"
    for same in ("type", "status", "instance"):
        assert told[same] == said[same]
    assert [one["pointer"] for one in told["errors"]] == [one["pointer"] for one in said["errors"]]
    assert told["errors"][0]["detail"].startswith("此处没有这一项")
    assert said["errors"][0]["detail"].startswith("Not known here")


async def test_a_time_that_is_none_is_explained_in_chinese(client: Client) -> None:
    async with client("ingest", Role.ADMIN) as app:
        answer = await app.get("/v1/alerts?since=20261122")
    assert "时间须写明日期、时刻和时区" in answer.json()["detail"]


async def test_a_state_that_there_is_none_is_named_by_its_parameter(client: Client) -> None:
    async with client("dispatcher", Role.ADMIN) as app:
        problem = (await app.get("/v1/cases?status=nonsense")).json()
    assert {one["pointer"] for one in problem["errors"]} == {"/query/status"}
    assert problem["detail"].startswith("/query/status：须为")


async def test_who_is_nobody_is_told_so(client: Client) -> None:
    async with client("watch", Role.ADMIN) as app:
        answer = await app.get("/v1/deadlines", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()["title"]) == (401, "身份未确认")
    assert "此接口须提供" in answer.json()["detail"]
