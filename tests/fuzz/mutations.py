"""Anomaly events as no platform should send them: seeded, aware of the structure, and down to single bytes.

Some are good, sent twice, sent again under a new id, or changed under an old one: refusing everything is no answer.
"""

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from services.sample.anomalies import MIX, anomaly
from services.sample.district import district
from shared.contract.cloudevents import STRUCTURED

Json = dict[str, Any]
Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Sent:
    """An event on the wire, whichever the wire: `ce-` headers become `ce_` for Kafka."""

    key: bytes | None
    body: bytes
    headers: Headers


_SCALARS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 61.2, -0.0, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, "", " ", "文", "x" * 65,
    "1", "null", [], {}, [[]], [None], {"": ""}, ["a", 1, None], {"zh": "文"},
)  # fmt: skip
_LITERALS = (
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "-0", "0" * 50 + "1", "1" + "0" * 4000, "1" * 5000,
    "0.1e+99999999",
    r'"\ud800"', r'"\udfff\ud800"', r'"a\u0000b"', r'"\u0000"', r'"\u202e\ufeff"', '"\ufeff"', '"\x7f"',
    "'single'", "undefined", "tru", "01", "+1", ".5", "1.", "0x10", '"unfinished', r'"\x41"', "[1,]", '{"a":1,}',
    '"tab\there"', "/* comment */ 1", "\\", "",
)  # fmt: skip
_TIMES = (
    "2026-11-23", "2026-11-23T09:05:00", "2026-11-23T09:05:00Z", "2026-11-23T09:05:00+08:00", "2026-11-22T24:00:00Z",
    "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+08:00", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T09:05:60Z", "2026-11-23T09:05:00+99:99", "now",
    "-4713-01-01T00:00:00Z", "292278994-08-17T07:12:55Z", "2026-11-23T09:05:00.123456789123Z", "1763860000", 1763860000,
    1e20, "2026-11-23 09:05:00+08", "２０２６-11-23T09:05:00Z", "1900-01-01T00:00:00+08:05:43", "2026-W48-1T00:00:00Z",
)  # fmt: skip
_NAMES = ("", "\x00", "__proto__", "data", "id", "type", "x" * 300, "文", "\u2028", "constructor", "$ref", "a.b", " id")
_PLACE = "\ue000{}\ue000"  # stands for a literal that no JSON writer would write


class Mutations:
    """An endless run of events, the same for the same seed."""

    def __init__(self, seed: int, now: datetime) -> None:
        self._choice, self._now = random.Random(seed), now
        self._enterprises = district().enterprises
        self._known: list[Json] = []
        self._number, self._seed = 0, seed

    def __iter__(self) -> Iterator[Sent]:
        while True:
            yield self.next()

    def next(self) -> Sent:
        event = self._event()
        literals: list[str] = []
        spoilt = self._choice.choice((0, 0, 1, 1, 1, 2, 3))
        for _ in range(spoilt):
            self._spoil(event, literals)
        sent = self._written(event, literals)
        if self._choice.random() < (0.2 if spoilt else 0.05):
            sent = replace(sent, body=self._damaged(sent.body))
        return sent

    # --- the event ---

    def _event(self) -> Json:
        """A good one, or one that was sent before: as it was, under another id, or with other content."""
        choice = self._choice
        if self._known and choice.random() < 0.4:
            event = copy.deepcopy(choice.choice(self._known))
            if choice.random() < 0.4:
                event["id"] = self._id()
            elif choice.random() < 0.3:
                event["data"]["note"] = "另一内容"
            return event
        enterprise = choice.choice(self._enterprises)
        event = json.loads(
            anomaly(choice.choice(MIX), enterprise, choice.choice(enterprise.outlets), self._now, choice)
        )
        event["id"] = self._id()
        event["data"]["outlet"]["mn"] = f"F{choice.randrange(10**6):06}"
        self._known = [*self._known[-199:], copy.deepcopy(event)]
        return dict(event)

    def _id(self) -> str:
        self._number += 1
        return f"{self._seed}-{self._number}"

    # --- what is wrong with it ---

    def _spoil(self, event: Json, literals: list[str]) -> None:
        choice = self._choice
        holder, name = choice.choice(list(_fields(event)))
        how = choice.randrange(8)
        if how == 0:
            del holder[name]
        elif how == 1:
            holder[name] = copy.deepcopy(choice.choice(_SCALARS))
        elif how == 2:
            holder[name] = self._literal(choice.choice(_LITERALS), literals)
        elif how == 3:
            depth = choice.choice((5, 127, 128, 129, 200, 1_000, 100_000 if choice.random() < 0.1 else 3_000))
            opening, closing = choice.choice((("[", "]"), ('{"a":', "}")))
            inner = "" if opening == "[" else "1"
            holder[name] = self._literal(opening * depth + inner + closing * depth, literals)
        elif how == 4:
            holder[choice.choice(_NAMES)] = copy.deepcopy(choice.choice(_SCALARS))
        elif how == 5:
            holder[name] = choice.choice(("长", "x", "\U0001f3ed")) * choice.choice((64, 65, 256, 257, 1_000, 5_000))
            if choice.random() < 0.03:
                holder[name] = "x" * choice.choice((256 * 1024, 500_000))
        elif how == 6:
            self._mistime(event)
        else:  # the same name twice
            again = json.dumps(choice.choice(_SCALARS))
            holder[name] = self._literal(f"{json.dumps(holder[name])},{json.dumps(name)}:{again}", literals)

    def _mistime(self, event: Json) -> None:
        when = self._choice.choice(_TIMES)
        where = self._choice.choice(("time", "start", "end", "window"))
        data = event.get("data")
        if where == "time" or not isinstance(data, dict):
            event["time"] = when
        elif where == "window" or not isinstance(data.get("window"), dict):
            data["window"] = {"start": when, "end": self._choice.choice(_TIMES)}
        else:
            data["window"][where] = when

    @staticmethod
    def _literal(text: str, literals: list[str]) -> str:
        literals.append(text)
        return _PLACE.format(len(literals) - 1)

    # --- the wire ---

    def _written(self, event: Json, literals: list[str]) -> Sent:
        choice = self._choice
        key = choice.choice((None, b"", b"\xff\xfe", b"k" * 2_000, *[str(event.get("subject", "")).encode()] * 12))
        if choice.random() < 0.7 or "data" not in event:
            media = choice.choice((*[STRUCTURED] * 8, "application/json", "", STRUCTURED.upper() + "; charset=utf-8"))
            return Sent(key, self._text(event, literals), (("content-type", media.encode()),))
        attributes = [
            (f"ce-{name}", self._attribute(value, literals)) for name, value in event.items() if name != "data"
        ]
        headers = [("content-type", b"application/json"), *attributes]
        oddity = choice.randrange(8)
        if oddity == 0:
            headers.append(choice.choice(attributes or headers))
        elif oddity == 1:
            headers.append((choice.choice(("ce-", "ce-data", "ce-文", "ce-id", "ce-time")), b"odd"))
        elif oddity == 2:
            headers.append((choice.choice(("ce-note", "ce-type")), choice.choice((b"\xff", b"%FF", b"%", b"%00", b""))))
        elif oddity == 3:
            choice.shuffle(headers)
        return Sent(key, self._text(event["data"], literals), tuple(headers))

    def _attribute(self, value: Any, literals: list[str]) -> bytes:
        text = value if isinstance(value, str) else json.dumps(value)
        for number, literal in enumerate(literals):
            text = text.replace(_PLACE.format(number), literal[:1_000])
        encoded = text.encode("utf-8", "surrogatepass")
        return quote(encoded, safe="/:+-").encode() if self._choice.random() < 0.5 else encoded

    def _text(self, value: Any, literals: list[str]) -> bytes:
        text = json.dumps(value, ensure_ascii=self._choice.random() < 0.3)
        for number, literal in enumerate(literals):
            place = _PLACE.format(number)
            text = text.replace(json.dumps(place, ensure_ascii=False), literal).replace(json.dumps(place), literal)
        return text.encode("utf-8", "surrogatepass")

    def _damaged(self, body: bytes) -> bytes:
        choice = self._choice
        at = choice.randrange(len(body) + 1)
        damages: tuple[Callable[[], bytes], ...] = (
            lambda: body[:at],
            lambda: body[at:],
            lambda: b"",
            lambda: body[:at] + bytes([choice.randrange(256)]) + body[at + 1 :],
            lambda: body[:at] + bytes([choice.randrange(256)]) + body[at:],
            lambda: (
                body[:at] + choice.choice((b"\x00", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8", b'"', b"\\")) + body[at:]
            ),
            lambda: b"\xef\xbb\xbf" + body,
            lambda: body + body,
            lambda: b" \n" + body + b"\r\n\t ",
            lambda: body.decode("utf-8", "replace").encode("utf-16"),
            lambda: b"[" + body + b"]",
            lambda: json.dumps(body.decode("utf-8", "replace")).encode(),
        )
        return choice.choice(damages)()


def _fields(value: Any) -> Iterator[tuple[Json, str]]:
    """Every field, however deep: where it stands, and its name."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield value, name
            yield from _fields(inner)
