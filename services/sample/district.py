"""The sample district: the stations of Bao'an's streets, their people, a few hundred enterprises and outlets.

Made from a fixed seed, so that every installation has the same one. Pure.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

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
# Where the streets roughly are, in degrees (WGS 84); enterprises are strewn around that.
_CENTRES = {
    "新安": (113.885, 22.560),
    "西乡": (113.868, 22.590),
    "航城": (113.838, 22.625),
    "福永": (113.815, 22.670),
    "福海": (113.795, 22.690),
    "沙井": (113.800, 22.735),
    "新桥": (113.830, 22.728),
    "松岗": (113.838, 22.772),
    "燕罗": (113.862, 22.795),
    "石岩": (113.935, 22.680),
}
_STREWN_DEGREES = 0.012
_SURNAMES = "陈李黄张林王刘吴郑何"
_GIVEN = ["志强", "晓敏", "伟", "丽华", "建国", "雅婷", "海波", "文静", "俊杰", "慧"]
_TRADES = ["精密电路", "电镀", "印刷包装", "涂料", "家具", "塑胶", "五金表面处理", "半导体", "食品", "纺织印染"]
_NAMES = ["宏达", "华兴", "联创", "新锐", "鑫源", "永盛", "德力", "海川", "嘉泰", "恒通"]
_FUNCTIONS = ["环保负责人", "法定代表人", "值班经理", "污水站站长"]
_OFFICERS_A_STATION = 7
_ENTERPRISES = 320
_GATES = frozenset({128, *range(306, _ENTERPRISES + 1)})
"""The numbers of the enterprises at whose gates a code hangs (入企码)."""


@dataclass(frozen=True)
class Station:
    code: str
    name: str
    streets: list[str]
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True)
class Officer:
    code: str
    name: str
    station: str
    phone: str


@dataclass(frozen=True)
class Staff:
    """`role`: station_chief (of `station`), section or leader."""

    code: str
    name: str
    role: str
    station: str | None
    phone: str


@dataclass(frozen=True)
class Contact:
    name: str
    phone: str
    role: str


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
    contacts: tuple[Contact, ...] = ()
    longitude: float | None = None
    latitude: float | None = None
    entry_code: str | None = None

    @property
    def address(self) -> str:
        return f"深圳市宝安区{self.street}街道样例路"


@dataclass(frozen=True)
class District:
    stations: list[Station]
    officers: list[Officer]
    staff: list[Staff]
    enterprises: list[Enterprise]


def district() -> District:
    """Nine stations with a chief and seven officers each, the section and the leader, 320 enterprises with outlets."""
    choice = random.Random(_SEED)  # noqa: S311  a sample, not a secret
    # Whom to call has a source of its own, so that the rest stays as it was before there were telephone numbers.
    people = _People(random.Random(f"people of {_SEED}"))  # noqa: S311
    places = _Places(random.Random(f"places of {_SEED}"))  # noqa: S311
    stations = [Station(code, name, streets, *_CENTRES[streets[0]]) for code, (name, streets) in _STREETS.items()]
    officers = [
        Officer(
            f"{station.code}-{number:02}",
            choice.choice(_SURNAMES) + choice.choice(_GIVEN),
            station.code,
            people.phone(),
        )
        for station in stations
        for number in range(1, _OFFICERS_A_STATION + 1)
    ]
    enterprises = [_enterprise(number, choice, stations, people, places) for number in range(1, _ENTERPRISES + 1)]
    chiefs = [
        Staff(f"{station.code}-chief", people.name(), "station_chief", station.code, people.phone())
        for station in stations
    ]
    above = [Staff(role, people.name(), role, None, people.phone()) for role in ("section", "leader")]
    return District(stations, officers, [*chiefs, *above], enterprises)


def _name(choice: random.Random) -> str:
    return choice.choice(_SURNAMES) + choice.choice(_GIVEN)


class _People:
    """Names and telephone numbers that belong to nobody: no subscriber's number begins with 100."""

    def __init__(self, choice: random.Random) -> None:
        self._choice, self._numbers = choice, count(1)

    def name(self) -> str:
        return _name(self._choice)

    def phone(self) -> str:
        return f"100{next(self._numbers):08}"

    def contacts(self) -> Iterator[Contact]:
        """One or two people of an enterprise."""
        for function in self._choice.sample(_FUNCTIONS, self._choice.choice([1, 2, 2])):
            yield Contact(self.name(), self.phone(), function)


class _Places:
    """Positions near the middle of a street."""

    def __init__(self, choice: random.Random) -> None:
        self._choice = choice

    def near(self, street: str) -> tuple[float, float]:
        longitude, latitude = (
            round(degrees + self._choice.uniform(-_STREWN_DEGREES, _STREWN_DEGREES), 5) for degrees in _CENTRES[street]
        )
        return longitude, latitude


def _enterprise(
    number: int, choice: random.Random, stations: list[Station], people: _People, places: _Places
) -> Enterprise:
    station = choice.choice(stations)
    name = f"深圳{choice.choice(_NAMES)}{choice.choice(_TRADES)}有限公司（样例{number}）"
    street = choice.choice(station.streets)
    longitude, latitude = places.near(street)
    stem = f"91{DISTRICT}MA5{number:06}"[:17]
    return Enterprise(
        code=stem + check_character(stem),
        name=name,
        street=street,
        station=station.code,
        classification=choice.choice([["key_unit"], ["key_unit"], [], ["voc_c"], ["positive_list"]]),
        outlets=tuple(_outlets(number, choice.choice(["gas", "water", "both", "both"]))),
        contacts=tuple(people.contacts()),
        longitude=longitude,
        latitude=latitude,
        entry_code=f"GATE-{number:03}" if number in _GATES else None,
    )


def _outlets(number: int, media: str) -> Iterator[Outlet]:
    if media != "water":
        yield Outlet(f"A{DISTRICT}{number:05}1", "DA001", "工艺废气排放口", "gas")
    if media != "gas":
        yield Outlet(f"A{DISTRICT}{number:05}2", "DW001", "废水总排放口", "water")
    if media == "both":
        yield Outlet(f"A{DISTRICT}{number:05}3", "DA002", "锅炉废气排放口", "gas")
