"""The sample district: the stations of Bao'an's streets, their officers, a few hundred enterprises and outlets.

Made from a fixed seed, so that every installation has the same one.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from services.alert_ingest.domain.credit_code import check_character

DISTRICT = "440306"
_SEED = 440306
_STREETS = {
    "xinan": ("新安所", ["新安"]),
    "xixiang": ("西乡所", ["西乡"]),
    "hangcheng": ("航城所", ["航城"]),
    "fuyong": ("福永所", ["福永"]),
    "fuhai": ("福海所", ["福海"]),
    "shajing": ("沙井所", ["沙井"]),
    "xinqiao": ("新桥所", ["新桥"]),
    "songgang": ("松岗所", ["松岗", "燕罗"]),
    "shiyan": ("石岩所", ["石岩"]),
}
_SURNAMES = "陈李黄张林王刘吴郑何"
_GIVEN = ["志强", "晓敏", "伟", "丽华", "建国", "雅婷", "海波", "文静", "俊杰", "慧"]
_TRADES = ["精密电路", "电镀", "印刷包装", "涂料", "家具", "塑胶", "五金表面处理", "半导体", "食品", "纺织印染"]
_NAMES = ["宏达", "华兴", "联创", "新锐", "鑫源", "永盛", "德力", "海川", "嘉泰", "恒通"]
_OFFICERS_A_STATION = 7
_ENTERPRISES = 320


@dataclass(frozen=True)
class Station:
    code: str
    name: str
    streets: list[str]


@dataclass(frozen=True)
class Officer:
    code: str
    name: str
    station: str


@dataclass(frozen=True)
class Outlet:
    """`mn` is the data logger's number; gas outlets are DA…, water outlets DW… as in discharge permits."""

    mn: str
    code: str
    name: str
    medium: str


@dataclass(frozen=True)
class Enterprise:
    code: str
    name: str
    street: str
    station: str
    classification: list[str]
    outlets: tuple[Outlet, ...]


@dataclass(frozen=True)
class District:
    stations: list[Station]
    officers: list[Officer]
    enterprises: list[Enterprise]


def district() -> District:
    """Nine stations, seven officers each, 320 enterprises with one to three outlets."""
    choice = random.Random(_SEED)  # noqa: S311  a sample, not a secret
    stations = [Station(code, name, streets) for code, (name, streets) in _STREETS.items()]
    officers = [
        Officer(f"{station.code}-{number:02}", choice.choice(_SURNAMES) + choice.choice(_GIVEN), station.code)
        for station in stations
        for number in range(1, _OFFICERS_A_STATION + 1)
    ]
    enterprises = [_enterprise(number, choice, stations) for number in range(1, _ENTERPRISES + 1)]
    return District(stations, officers, enterprises)


def _enterprise(number: int, choice: random.Random, stations: list[Station]) -> Enterprise:
    station = choice.choice(stations)
    stem = f"91{DISTRICT}MA5{number:06}"[:17]
    return Enterprise(
        code=stem + check_character(stem),
        name=f"深圳{choice.choice(_NAMES)}{choice.choice(_TRADES)}有限公司（样例{number}）",
        street=choice.choice(station.streets),
        station=station.code,
        classification=choice.choice([["key_unit"], ["key_unit"], [], ["voc_c"], ["positive_list"]]),
        outlets=tuple(_outlets(number, choice.choice(["gas", "water", "both", "both"]))),
    )


def _outlets(number: int, media: str) -> Iterator[Outlet]:
    if media != "water":
        yield Outlet(f"A{DISTRICT}{number:05}1", "DA001", "工艺废气排放口", "gas")
    if media != "gas":
        yield Outlet(f"A{DISTRICT}{number:05}2", "DW001", "废水总排放口", "water")
    if media == "both":
        yield Outlet(f"A{DISTRICT}{number:05}3", "DA002", "锅炉废气排放口", "gas")


async def load(client: httpx.AsyncClient) -> bool:
    """Put the district into the dispatcher that `client` calls as an admin, unless stations are there already.

    Answers whether it was loaded now.
    """
    present = await client.get("/v1/stations", params={"limit": 1})
    present.raise_for_status()
    if present.json()["items"]:
        return False
    sample = district()
    for station in sample.stations:
        await _put(
            client, f"/v1/stations/{station.code}", name=station.name, district=DISTRICT, streets=station.streets
        )
    for officer in sample.officers:
        await _put(client, f"/v1/officers/{officer.code}", name=officer.name, station=officer.station)
    for enterprise in sample.enterprises:
        await _put(
            client,
            f"/v1/enterprises/{enterprise.code}",
            name=enterprise.name,
            address=f"深圳市宝安区{enterprise.street}街道样例路",
            district=DISTRICT,
            street=enterprise.street,
            station=enterprise.station,
            classification=enterprise.classification,
        )
    return True


async def _put(client: httpx.AsyncClient, path: str, **body: object) -> None:
    (await client.put(path, json=body)).raise_for_status()
