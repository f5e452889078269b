"""Verifying SM2 signatures (GB/T 32918.2, over SM3) with nothing but Python.

`cryptography` has SM3 and not SM2. It verifies some hundred a second, and never signs: nothing secret passes through.
"""

from shared.evidence.domain.hashing import sm3

_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_ID = b"1234567812345678"
"""Who signs, as GM/T 0009 has it where nothing else is agreed."""
_Point = tuple[int, int, int]
"""In Jacobian coordinates; z is 0 at infinity."""
_INFINITY: _Point = (1, 1, 0)


def verify(key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether, under the public `key` (x and y, 64 bytes), the signature (r and s, 64 bytes) is that of `text`."""
    if len(key) != 64 or len(signature) != 64:
        return False
    x, y = int.from_bytes(key[:32]), int.from_bytes(key[32:])
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if max(x, y) >= _P or (y * y - x * x * x - _A * x - _B) % _P:
        return False
    t = (r + s) % _ORDER
    if not 0 < r < _ORDER or not 0 < s < _ORDER or t == 0:
        return False
    curve = b"".join(number.to_bytes(32) for number in (_A, _B, *_G))
    signer = sm3(len(_ID * 8).to_bytes(2) + _ID + curve + key)
    digest = int.from_bytes(sm3(signer + text))
    found = _x_of(_twice_times(s, (*_G, 1), t, (x, y, 1)))
    return found is not None and (digest + found) % _ORDER == r


def _twice_times(first: int, p: _Point, second: int, q: _Point) -> _Point:
    """first · p + second · q, in one walk over the bits of both."""
    both, total = _sum(p, q), _INFINITY
    for bit in range(max(first.bit_length(), second.bit_length()) - 1, -1, -1):
        total = _double(total)
        match first >> bit & 1, second >> bit & 1:
            case 1, 1:
                total = _sum(total, both)
            case 1, 0:
                total = _sum(total, p)
            case 0, 1:
                total = _sum(total, q)
    return total


def _double(p: _Point) -> _Point:
    x, y, z = p
    if not z or not y:
        return _INFINITY
    square = z * z % _P
    slope = 3 * (x - square) * (x + square) % _P  # a is -3
    y2 = y * y % _P
    apart = 4 * x * y2 % _P
    x3 = (slope * slope - 2 * apart) % _P
    return x3, (slope * (apart - x3) - 8 * y2 * y2) % _P, 2 * y * z % _P


def _sum(p: _Point, q: _Point) -> _Point:
    if not p[2] or not q[2]:
        return q if not p[2] else p
    p2, q2 = p[2] * p[2] % _P, q[2] * q[2] % _P
    u, v = p[0] * q2 % _P, q[0] * p2 % _P
    m, n = p[1] * q2 * q[2] % _P, q[1] * p2 * p[2] % _P
    width, height = (v - u) % _P, (n - m) % _P
    if not width:
        return _INFINITY if height else _double(p)
    w2 = width * width % _P
    w3, apart = w2 * width % _P, u * w2 % _P
    x = (height * height - w3 - 2 * apart) % _P
    return x, (height * (apart - x) - m * w3) % _P, width * p[2] * q[2] % _P


def _x_of(p: _Point) -> int | None:
    return p[0] * pow(p[2], -2, _P) % _P if p[2] else None
