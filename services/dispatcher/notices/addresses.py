"""Where the master data say that people are reached: channels in the order to try them, and whom to phone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.domain.reach import Address, RecipientKind
from shared.contract.contacts import ChannelAddress, Contact


class Addressee(NamedTuple):
    """Whom a notice is for: an enterprise or officer by code, an office by its role and, for chiefs, its station."""

    kind: RecipientKind
    recipient: str
    station: str | None = None


@dataclass
class Reachable:
    """A recipient's name, the channels of each person behind it, and whom to phone, the first one first."""

    name: str | None = None
    people: list[list[Address]] = field(default_factory=list)
    phones: list[Contact] = field(default_factory=list)


async def reachable(connection: AsyncConnection, addressees: Iterable[Addressee]) -> dict[Addressee, Reachable]:
    """How each addressee is reached; nothing is known of one that the master data do not have."""
    found: dict[Addressee, Reachable] = defaultdict(Reachable)
    asked: dict[str, set[Addressee]] = defaultdict(set)
    for addressee in addressees:
        asked[addressee.kind].add(addressee)
    if codes := {one.recipient for one in asked["enterprise"]}:
        enterprises = tables.enterprises.c
        for row in await connection.execute(
            select(enterprises.code, enterprises.name, enterprises.channels, enterprises.contacts).where(
                enterprises.code.in_(codes)
            )
        ):
            contacts = [Contact.model_validate(one) for one in row.contacts]
            phones = [contact for contact in contacts if contact.phone]
            found[Addressee("enterprise", row.code)] = Reachable(row.name, [_channels(row.channels)], phones)
    if codes := {one.recipient for one in asked["officer"]}:
        officers = tables.officers.c
        for row in await connection.execute(
            select(officers.code, officers.name, officers.channels, officers.phone).where(officers.code.in_(codes))
        ):
            phones = [Contact(name=row.name, phone=row.phone)] if row.phone else []
            found[Addressee("officer", row.code)] = Reachable(row.name, [_channels(row.channels)], phones)
    if asked["role"]:
        await _offices(connection, asked["role"], found)
    return found


async def _offices(
    connection: AsyncConnection, offices: Iterable[Addressee], found: dict[Addressee, Reachable]
) -> None:
    staff = tables.staff.c
    wanted = [
        and_(staff.role == one.recipient, true() if one.station is None else staff.station == one.station)
        for one in offices
    ]
    rows = (await connection.execute(select(tables.staff).where(or_(*wanted)).order_by(staff.code))).all()
    for office in offices:
        members = [row for row in rows if row.role == office.recipient and office.station in (None, row.station)]
        phones = [Contact(name=row.name, phone=row.phone) for row in members if row.phone]
        found[office] = Reachable(None, [_channels(row.channels) for row in members], phones)


def _channels(stored: list[Any]) -> list[Address]:
    known = [ChannelAddress.model_validate(one) for one in stored]
    return [Address(one.channel, one.address) for one in known]
