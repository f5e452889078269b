"""An identity provider for tests: a real HTTP server with discovery and keys, which can fail or keep silent."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI, Response
from jwt.algorithms import ECAlgorithm
from pydantic_core import to_json


@dataclass
class Provider:
    """`status` is what the server answers with, 200 or a failure; `asked` counts the questions for keys."""

    issuer: str
    status: int = 200
    calls_itself: str | None = None
    asked: int = 0
    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)

    def exchange_keys(self, *names: str) -> None:
        self.keys = {name: self.keys.get(name) or ec.generate_private_key(ec.SECP256R1()) for name in names}

    def token(self, kid: str = "one", *, life: float = 600, issued: float = 0, **claims: Any) -> str:
        """A token as the provider issues it; `issued` is by how many seconds its clock is ahead of ours."""
        now = time.time() + issued
        given = {
            "iss": self.issuer,
            "aud": "tricolor",
            "sub": "officer-1",
            "iat": now,
            "nbf": now,
            "exp": now + life,
            "tricolor": {"role": "officer", "station": "xinan"},
        }
        key = self.keys.get(kid) or ec.generate_private_key(ec.SECP256R1())
        # By hand, for PyJWT would not sign what no provider should.
        return jwt.api_jws.encode(
            to_json(given | claims, inf_nan_mode="constants"), key, algorithm="ES256", headers={"kid": kid}
        )

    def jwks(self) -> dict[str, Any]:
        encryption = {"kty": "oct", "k": "AAAA", "use": "enc", "kid": "one"}
        strange = {"kty": "unheard-of", "kid": "strange"}
        ours = [
            ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": name, "use": "sig"}
            for name, key in self.keys.items()
        ]
        return {"keys": [encryption, strange, *ours]}


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    listening = socket.create_server(("127.0.0.1", 0))
    side = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}/realms/baoan")
    side.exchange_keys("one")
    app = FastAPI()

    @app.get("/realms/baoan/.well-known/openid-configuration")
    async def configuration() -> Response:
        document = {"issuer": side.calls_itself or side.issuer, "jwks_uri": f"{side.issuer}/protocol/certs"}
        return Response(to_json(document), status_code=side.status, media_type="application/json")

    @app.get("/realms/baoan/protocol/certs")
    async def certs() -> Response:
        side.asked += 1
        return Response(to_json(side.jwks()), status_code=side.status, media_type="application/json")

    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield side
    finally:
        server.should_exit = True
        await serving
