"""An identity provider of the office's: discovery, code flow with PKCE, keys. It signs in whoever comes, at once."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm

Json = dict[str, Any]


class Provider:
    """What it says of itself; `person` are the claims of whoever signs in next, `refuses` has it refuse them."""

    def __init__(self) -> None:
        self.issuer = ""
        self.person: Json = {}
        self.refuses = False
        self._key = generate_private_key(SECP256R1())
        self._codes: dict[str, Json] = {}

    def discovery(self) -> Json:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    def keys(self) -> Json:
        return {"keys": [json.loads(ECAlgorithm.to_jwk(self._key.public_key())) | {"kid": "1", "alg": "ES256"}]}

    def authorize(self, asked: Json) -> str:
        """Where the browser is sent back to."""
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        if self.refuses:
            answer = {"error": "access_denied", "error_description": "no", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe()
            self._codes[code] = asked
            answer = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, given: Json) -> tuple[int, Json]:
        asked = self._codes.pop(given["code"], None)
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        if asked is None or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "iat": now, "exp": now + 3600, **self.person}
        return 200, {
            "token_type": "Bearer",
            "expires_in": 3600,
            "access_token": self._signed(claims | {"aud": "tricolor"}),
            "id_token": self._signed(claims | {"aud": asked["client_id"], "nonce": asked.get("nonce")}),
        }

    def _signed(self, claims: Json) -> str:
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": "1"})


@contextmanager
def provider() -> Iterator[Provider]:
    """The provider at an address of its own, another origin than the apps'. It ends with the block."""
    side = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", side.authorize(_flat(parts.query)))
                self.end_headers()
            elif parts.path == "/keys":
                self._answer(200, side.keys())
            else:
                self._answer(200, side.discovery())

        def do_POST(self) -> None:
            self._answer(*side.token(_flat(self.rfile.read(int(self.headers["content-length"])).decode())))

        def _answer(self, status: int, document: Json) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  named by the library
            del format, arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    side.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield side
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _flat(query: str) -> Json:
    return {name: values[0] for name, values in parse_qs(query).items()}
